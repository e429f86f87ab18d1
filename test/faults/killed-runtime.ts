import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REGION } from './killed-account.ts';
import { quietPort } from './runtime-child.ts';

/** The runtime with one stack in a process that is killed and started again on the same folder and port. */
export interface KilledRuntime {
  readonly folder: string;
  /** For clients that outlive it. None asks twice: what is asked again is the load's to say. */
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: () => Promise<Credentials>;
    readonly maxAttempts: number;
  };
  /** When the process was started, in milliseconds since the epoch. */
  readonly startsMs: readonly number[];
  /** Starts the process; resolves when it answers, or with false when it was killed before. Rejects when it ended by itself. */
  start(): Promise<boolean>;
  kill(): Promise<void>;
  /** What the functions wrote into a file of RECORDS, line by line. A last line that a kill cut off is none. */
  records<T>(file: string): T[];
  /** The last words of the runtime. */
  log(): string;
  /** Ends the process; the folder stays to be looked at. */
  end(): Promise<void>;
  /** Forgets the folder. */
  remove(): void;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** `template` is given the folder in which functions write down what they are asked. */
export async function openKilledRuntime(
  name: string,
  template: (records: string) => Readonly<Record<string, unknown>>,
): Promise<KilledRuntime> {
  const folder = mkdtempSync(join(tmpdir(), `sluice-${name}-`));
  const records = join(folder, 'records');
  const logFile = join(folder, 'runtime.log');
  mkdirSync(records);
  writeFileSync(join(folder, 'cloudformation-template-update-stack.json'), JSON.stringify(template(records)));
  const port = await quietPort();
  const startsMs: number[] = [];
  let child: ChildProcess | undefined;
  let killed = false;
  let credentials: Credentials | undefined;

  const spawnChild = () => {
    const output = openSync(logFile, 'a', 0o600);
    const script = join(import.meta.dirname, 'killed-runtime-process.ts');
    const spawned = spawn(process.execPath, [script, folder, String(port)], {
      stdio: ['ignore', output, output, 'ipc'],
      // It is started hundreds of times: what is compiled once is not compiled again.
      env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
    });
    closeSync(output);
    return spawned;
  };
  const ended = (of: ChildProcess) =>
    of.exitCode !== null || of.signalCode !== null
      ? Promise.resolve()
      : new Promise<void>((resolve) => of.once('exit', () => resolve()));
  const kill = async () => {
    killed = true;
    child?.kill('SIGKILL');
    if (child) await ended(child);
  };

  return {
    folder,
    clientConfig: {
      endpoint: `http://127.0.0.1:${port}`,
      region: REGION,
      // The same in every run on this folder; asked for first when the runtime has told them.
      credentials: async () => credentials!,
      maxAttempts: 1,
    },
    startsMs,
    start: () =>
      new Promise((resolve, reject) => {
        killed = false;
        startsMs.push(Date.now());
        child = spawnChild();
        child.once('message', (message: { readonly credentials: Credentials }) => {
          credentials = message.credentials;
          resolve(true);
        });
        child.once('exit', (code, signal) => {
          if (killed) resolve(false);
          else reject(new Error(`the runtime ended by itself (${signal ?? code})`));
        });
      }),
    kill,
    records(file) {
      const path = join(records, file);
      if (!existsSync(path)) return [];
      const lines = readFileSync(path, 'utf8').split('\n');
      return lines.slice(0, -1).map((line) => JSON.parse(line));
    },
    log: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n').slice(-40).join('\n') : ''),
    end: kill,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
