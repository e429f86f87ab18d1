import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { readRuntimeHome } from '../target/runtime-home.ts';
import type { TrainingImages } from './training-images.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SCRIPT = join(ROOT, 'scripts', 'run-local.ts');
const STOP_MS = 15_000;
const POLL_MS = 50;

/** What a deployment did to one resource. */
export interface ResourceChange {
  readonly environment: string;
  readonly logicalId: string;
  /** Its CloudFormation type. */
  readonly type: string;
  readonly action: 'created' | 'updated' | 'replaced' | 'deleted' | 'retained';
}

/** What `scripts/run-local.ts` tells its parent. */
export type RuntimeMessage =
  | { readonly kind: 'progress'; readonly text: string }
  | {
      readonly kind: 'ready';
      readonly url: string;
      readonly seconds: number;
      readonly changes: readonly ResourceChange[];
    }
  | { readonly kind: 'failed'; readonly message: string };

export interface LaunchOptions {
  readonly directory: string;
  /** Undefined: the default one of scripts/run-local.ts. */
  readonly port?: number | undefined;
  /** `background`: it outlives this process, and what it says goes to `runtime.log`. */
  readonly mode: 'foreground' | 'background';
  readonly trainingImages?: TrainingImages | undefined;
  readonly onProgress: (text: string) => void;
  /** Ends what is starting, and the launch with it. */
  readonly interrupted: AbortSignal;
}

export interface Launched {
  readonly child: ChildProcess;
  readonly url: string;
  /** Packaging, starting and deploying. */
  readonly seconds: number;
  /** What the deployment changed, in order. */
  readonly changes: readonly ResourceChange[];
}

export const logFile = (directory: string): string => join(directory, 'runtime.log');

/** Starts the runtime in a process of its own, deployed and ready when this resolves. Throws Failure with its reason. */
export async function launchRuntime({
  directory,
  port,
  mode,
  trainingImages,
  onProgress,
  interrupted,
}: LaunchOptions): Promise<Launched> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const output = mode === 'background' ? openSync(logFile(directory), 'w', 0o600) : 'inherit';
  const args = [
    ...['--home', directory, '--mode', mode],
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(trainingImages === undefined ? [] : ['--training-images', JSON.stringify(trainingImages)]),
  ];
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    cwd: ROOT,
    // Else Node strips the types from every module of the runtime at each start.
    env: { NODE_COMPILE_CACHE: join(directory, 'compile-cache'), ...process.env },
    detached: mode === 'background',
    stdio: ['ignore', output, output, 'ipc'],
  });
  const giveUp = () => child.kill('SIGTERM');
  if (interrupted.aborted) giveUp();
  interrupted.addEventListener('abort', giveUp);
  const ready = await new Promise<Extract<RuntimeMessage, { kind: 'ready' }>>((resolve, reject) => {
    child.on('message', (message: RuntimeMessage) => {
      if (message.kind === 'progress') onProgress(message.text);
      else if (message.kind === 'ready') resolve(message);
      else reject(new Failure(exitCodes.unreachable, message.message, { hint: hintFor(message.message) }));
    });
    child.on('error', (error) =>
      reject(new Failure(exitCodes.unreachable, `The runtime cannot be started: ${error.message}`)),
    );
    child.on('exit', (code, signal) =>
      reject(
        interrupted.aborted
          ? new Failure(exitCodes.interrupted, 'Interrupted while the local environments were starting', {
              hint: 'what is deployed is kept; start again to go on',
            })
          : new Failure(
              exitCodes.unreachable,
              `The runtime ended while it was starting (${signal ?? `status ${code}`})`,
              {
                hint: mode === 'background' ? `its last words are in ${logFile(directory)}` : null,
              },
            ),
      ),
    );
  }).finally(() => interrupted.removeEventListener('abort', giveUp));
  if (mode === 'background') {
    child.disconnect();
    child.unref();
  }
  return { child, url: ready.url, seconds: ready.seconds, changes: ready.changes };
}

const hintFor = (message: string): string | null =>
  /^Port \d+ on \S+ is in use/.test(message)
    ? '`npm start -- --port 4690`, or `npx sluice up --port 4690`'
    : message.startsWith('Another local runtime is using')
      ? 'see it with `npx sluice status`, end it with `npx sluice down`'
      : null;

export interface RunningRuntime {
  readonly pid: number;
  readonly url: string;
  readonly mode: 'foreground' | 'background';
}

/** The runtime that runs on this folder; undefined when none does, also where one was killed and left its file behind. */
export function runningRuntime(directory: string): RunningRuntime | undefined {
  const home = readRuntimeHome(directory);
  if (!home || !isRuntime(home.pid)) return undefined;
  const file = join(directory, 'mode');
  const mode = existsSync(file) && readFileSync(file, 'utf8').trim() === 'foreground' ? 'foreground' : 'background';
  return { pid: home.pid, url: home.url, mode };
}

/** Ends the runtime and waits until it has. Everything that it acknowledged is on disk, and goes on when it is started again. */
export async function stopRuntime(directory: string): Promise<RunningRuntime | undefined> {
  const running = runningRuntime(directory);
  if (!running) return undefined;
  process.kill(running.pid, 'SIGTERM');
  for (let waited = 0; waited < STOP_MS; waited += POLL_MS) {
    if (!isRuntime(running.pid)) return running;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Failure(exitCodes.failed, `The runtime (process ${running.pid}) has not ended in ${STOP_MS / 1000} s`, {
    hint: `end it with \`kill -9 ${running.pid}\`: what it acknowledged is on disk`,
  });
}

/** Removes what a runtime keeps in its folder, by name: the folder may be one that somebody chose, with other things in it. */
export function clearRuntimeDirectory(directory: string): void {
  if (!existsSync(directory)) return;
  const own = /^(runtime\.json|runtime\.log|credentials|config|mode|\d{12})$/;
  for (const name of readdirSync(directory).filter((one) => own.test(one))) {
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** A process of that id may be somebody else's by now, where the runtime was killed long ago. */
function isRuntime(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  if (!existsSync('/proc/self/cmdline')) return true;
  if (!existsSync(commandLine)) return false;
  const text = readFileSync(commandLine, 'utf8');
  // A zombie has an empty command line.
  return text.includes('run-local.ts');
}
