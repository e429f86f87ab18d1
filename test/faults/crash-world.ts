import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, connect } from '../../cli/target/connection.ts';
import { resolveTarget } from '../../cli/target/resolve-target.ts';
import { readRuntimeHome } from '../../cli/target/runtime-home.ts';
import { type Environment, environments } from '../../domain/environment.ts';
import { packageDeployment, stages } from '../../scripts/package-deployment.ts';
import { quietPort, type RuntimeChild, spawnRuntime } from './runtime-child.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** DEV, ACC and PRD in a process that is killed and started again on the same folder and port, and clients that outlive it. */
export interface CrashWorld {
  readonly home: string;
  readonly connection: Readonly<Record<Environment, Connection>>;
  /** PRD as the person who may approve. */
  readonly approver: Connection;
  kill(): Promise<void>;
  /** Resolves when the environments are deployed and answer again. */
  restart(): Promise<void>;
  /** Starts it, and kills it so many milliseconds later, ready or not. */
  killWhileStarting(afterMs: number): Promise<void>;
  /** Ends the process in good order; the folder stays to be looked at. */
  stop(): Promise<void>;
  /** The last words of the runtime. */
  log(): string;
  remove(): void;
}

export async function startCrashWorld(): Promise<CrashWorld> {
  // Here, once: what is killed later is the runtime, not the build.
  await packageDeployment(ROOT, stages);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
  const home = join(folder, 'home');
  const logFile = join(folder, 'runtime.log');
  const port = await quietPort();
  const spawn = () => spawnRuntime({ home, port, logFile });
  let child: RuntimeChild = spawn();
  // A test run that is interrupted must not leave a runtime behind: its channel to this process closes with it.
  await child.ready;

  const open = (env: Environment, role?: string) =>
    connect(resolveTarget({ env }, { variables: {}, home: readRuntimeHome(home), role: role ?? null }));
  const connections = await Promise.all(environments.map((env) => open(env)));
  const approver = await open('prd', 'approver');
  return {
    home,
    connection: Object.fromEntries(connections.map((one) => [one.environment, one])) as CrashWorld['connection'],
    approver,
    kill: () => child.kill(),
    async restart() {
      child = spawn();
      await child.ready;
    },
    async killWhileStarting(afterMs) {
      child = spawn();
      await child.starting;
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await child.kill();
    },
    async stop() {
      for (const one of [...connections, approver]) one.close();
      await child.stop();
    },
    log: () => readFileSync(logFile, 'utf8').split('\n').slice(-40).join('\n'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
