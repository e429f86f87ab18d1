import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { RuntimeMessage } from '../../cli/local/runtime-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SCRIPT = join(ROOT, 'scripts', 'run-local.ts');

/** The runtime as people run it: a process of its own, which a test may kill at any instant. */
export interface RuntimeChild {
  readonly process: ChildProcess;
  /** Resolves when it is deployed and answers; rejects with what it said when it ends before that. */
  readonly ready: Promise<void>;
  /** The process was started, the packages are made: from here on it is the runtime itself that is killed. */
  readonly starting: Promise<void>;
  /** Resolves when the process is gone, whatever ended it. */
  readonly ended: Promise<void>;
  /** SIGKILL: nothing in the process hears of it. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, as `sluice down` does. */
  stop(): Promise<void>;
}

export interface RuntimeChildOptions {
  readonly home: string;
  readonly port: number;
  /** What it says goes here, of all the starts one after the other. */
  readonly logFile: string;
}

export function spawnRuntime({ home, port, logFile }: RuntimeChildOptions): RuntimeChild {
  const output = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [SCRIPT, '--home', home, '--port', String(port)], {
    cwd: ROOT,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: RuntimeMessage) => {
      if (message.kind === 'ready') resolve();
      if (message.kind === 'failed') reject(new Error(message.message));
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`the runtime ended while it was starting (${signal ?? code})`)),
    );
  });
  const starting = new Promise<void>((resolve) => {
    child.on('message', (message: RuntimeMessage) => {
      if (message.kind === 'ready' || (message.kind === 'progress' && message.text.startsWith('starting'))) resolve();
    });
    child.once('exit', () => resolve());
  });
  // Whoever kills it while it starts does not wait for it to be ready.
  ready.catch(() => {});
  const end = (signal: NodeJS.Signals) => async () => {
    child.kill(signal);
    await ended;
  };
  return { process: child, ready, starting, ended, kill: end('SIGKILL'), stop: end('SIGTERM') };
}

/**
 * A port that stays free while the runtime is down: below those that Linux gives to connections, or a client's own connection could
 * sit on it when the runtime comes back.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
