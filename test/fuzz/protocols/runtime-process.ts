import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FuzzWorld } from './fuzz-world.ts';
import type { Message, Question, Usage } from './runtime.ts';

/** The fuzzed runtime, seen from outside. Every method rejects with RuntimeEnded when it is gone. */
export interface RuntimeProcess {
  readonly world: FuzzWorld;
  usage(): Promise<Usage>;
  /** Makes again what requests took away. */
  restore(): Promise<Usage>;
  end(): Promise<void>;
}

export class RuntimeEnded extends Error {
  override readonly name = 'RuntimeEnded';
}

/** What a bug that fills the memory is stopped by, in MB of JavaScript's heap. */
const HEAP_MB = 1024;
const LAST_WORDS = 4000;
/** Nothing that it is asked takes this long, unless it hangs. */
const HANGS_AFTER_MS = 60_000;

/** How long a request may take to come in: short, for requests that never do. */
export const REQUEST_TIMEOUT_MS = 1500;

export async function startRuntimeProcess(): Promise<RuntimeProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'));
  const script = join(import.meta.dirname, 'runtime.ts');
  const child: ChildProcess = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP_MB}`, script, directory, String(REQUEST_TIMEOUT_MS)],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  let lastWords = '';
  child.stderr?.on('data', (text) => {
    lastWords = `${lastWords}${text}`.slice(-LAST_WORDS);
  });
  const waiting = new Map<number, { resolve: (usage: Usage) => void; reject: (error: Error) => void }>();
  let ended: RuntimeEnded | undefined;
  let nextId = 0;
  const world = await new Promise<FuzzWorld>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.kind === 'ready') resolve(message.world);
      else {
        waiting.get(message.id)?.resolve(message.usage);
        waiting.delete(message.id);
      }
    });
    child.once('exit', (code, signal) => {
      ended = new RuntimeEnded(`the runtime ended (${signal ?? code}): ${lastWords}`);
      reject(ended);
      for (const { reject: tell } of waiting.values()) tell(ended);
    });
  });

  const ask = (kind: Question['kind']): Promise<Usage> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      const id = nextId++;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new RuntimeEnded(`the runtime hangs: it has said nothing for ${HANGS_AFTER_MS / 1000} s`));
      }, HANGS_AFTER_MS);
      const done =
        <T>(tell: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          tell(value);
        };
      waiting.set(id, { resolve: done(resolve), reject: done(reject) });
      child.send({ kind, id } satisfies Question, (error) => {
        if (error && waiting.delete(id)) done(reject)(ended ?? new RuntimeEnded(`${error.message}: ${lastWords}`));
      });
    });

  return {
    world,
    usage: () => ask('usage'),
    restore: () => ask('restore'),
    async end() {
      const gone = ended ? undefined : new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
