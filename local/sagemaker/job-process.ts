import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Clock } from '../clock.ts';

/** From SIGTERM to SIGKILL. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTrainingJob.html */
export const GRACE_MS = 120_000;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** As a shell would tell it: 128 and the signal's number for a process that a signal ended, 127 for one that could not be started. */
export interface ProcessEnd {
  readonly exitCode: number;
  /** Why it could not be started. */
  readonly problem?: string;
}

/** A training program in a process group of its own, so that what it starts ends with it. */
export class JobProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  #cancelKill: (() => void) | undefined;
  #over = false;

  constructor({ program, args, directory, environment }: Command, clock: Clock, onLine: (line: string) => void) {
    this.#clock = clock;
    this.#child = spawn(program, [...args], {
      cwd: directory,
      env: { ...environment },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#over = true;
        resolve({ exitCode: 127, problem: error.message });
      });
      // What it left running would keep its pipes open, and outlive the job.
      this.#child.once('exit', () => {
        this.#signal('SIGKILL');
        this.#over = true;
      });
      this.#child.once('close', (code, signal) => {
        this.#cancelKill?.();
        resolve({ exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0) });
      });
    });
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks it to end, and ends it when it has not done so in time. */
  stop(): void {
    if (this.#over) return;
    this.#signal('SIGTERM');
    this.#cancelKill ??= this.#clock.at(this.#clock.now() + GRACE_MS, () => this.#signal('SIGKILL'));
  }

  kill(): void {
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#over && this.#child.pid !== undefined) signalGroup(this.#child.pid, signal);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: it has ended. EPERM: macOS says so of a group that is ending.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** When a process was started, as `ps` tells it: with the id it names a process for good. Undefined when there is none. */
export async function startOfProcess(pid: number): Promise<string | undefined> {
  const answer = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { LC_ALL: 'C' } }).catch(
    () => undefined,
  );
  return answer?.stdout.trim() || undefined;
}

/** Ends the training program of a runtime that was killed. */
export async function killLeftBehind({ pid, startedAt }: { pid: number; startedAt: string }): Promise<void> {
  if ((await startOfProcess(pid)) === startedAt) signalGroup(pid, 'SIGKILL');
}
