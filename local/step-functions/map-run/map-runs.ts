import type { Log } from '../../service.ts';
import { EngineStopped } from '../engine/commit-queue.ts';
import { abortExecution } from '../engine/redrive.ts';
import type { Entry } from '../interpreter/entry.ts';
import { type Execution, type Frame, ROOT } from '../interpreter/execution.ts';
import { failureDetails } from '../interpreter/failure.ts';
import { MapRun, type MapRunHost, type RunEnd } from './map-run.ts';
import type { MapRunLog, MapRunRow } from './map-run-log.ts';
import { whileRunning } from './while-running.ts';

export interface MapRunsHost extends MapRunHost {
  readonly report: Log;
}

/** The map runs of one engine: their rows follow the logs of the executions, in the same transactions. */
export class MapRuns {
  readonly #host: MapRunsHost;
  readonly #active = new Map<number, MapRun>();

  constructor(host: MapRunsHost) {
    this.#host = host;
  }

  /** Called in the transaction that writes `entries`. */
  onEntries(key: number, execution: Execution, entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.type.startsWith('MapRun')) this.#onRunEntry(key, entry);
      else if (entry.frame === ROOT && entry.type.startsWith('Execution')) this.#onStatus(key, execution, entry.at);
    }
  }

  #onRunEntry(key: number, entry: Entry): void {
    const { log } = this.#host;
    const memo = entry.memo ?? {};
    const arn = String(entry.details?.mapRunArn ?? memo.mapRunArn);
    switch (entry.type) {
      case 'MapRunStarted': {
        const { maxConcurrency, settings } = memo as { maxConcurrency: number; settings: Record<string, number> };
        const { toleratedCount = null, toleratedPercentage = null } = settings;
        const { frame, at: startedAtMs } = entry;
        log.create({ arn, executionKey: key, frame, startedAtMs, maxConcurrency, toleratedCount, toleratedPercentage });
        return;
      }
      case 'MapRunRedriven':
        log.redrive(arn, entry.at);
        return;
      case 'MapRunSucceeded':
        log.end(arn, 'SUCCEEDED', entry.at);
        return;
      case 'MapRunFailed':
        log.end(arn, 'FAILED', entry.at);
    }
  }

  #onStatus(key: number, execution: Execution, atMs: number): void {
    if (execution.header.mapRun) this.#host.log.childIs(execution.header.mapRun, execution.status);
    if (execution.hasMapRuns && execution.status !== 'RUNNING') this.#host.log.abortOf(key, atMs);
  }

  /** Called after the commit of `entries`. */
  onCommitted(execution: Execution): void {
    const { mapRun } = execution.header;
    if (mapRun && execution.status !== 'RUNNING') this.#active.get(mapRun.runKey)?.childEnded(mapRun, execution.status);
  }

  /** Runs what the frame waits for. Returns how to give it up. */
  attend(key: number, execution: Execution, frame: Frame): () => void {
    const { arn, seq } = frame.state!.mapRun!;
    const row = this.#host.log.byArn(arn)!;
    const run = new MapRun(row, execution, frame, this.#host);
    this.#active.set(row.key, run);
    run.run().then(
      (end) => {
        this.#active.delete(row.key);
        if (end) void this.#tell(key, frame.id, seq, arn, end);
      },
      (error: unknown) => {
        this.#active.delete(row.key);
        if (!(error instanceof EngineStopped)) this.#broken(arn, error);
      },
    );
    return () => {
      run.giveUp();
      void this.#host
        .commit(() => this.#host.log.end(arn, 'ABORTED', this.#host.clock.now()))
        .catch(() => {
          // The engine was stopped: the next start finds the run without anybody who waits for it.
        });
    };
  }

  async #tell(key: number, frame: string, seq: number, mapRunArn: string, end: RunEnd): Promise<void> {
    try {
      await this.#host.post(
        this.#host.executionOf(key),
        whileRunning(frame, seq, () =>
          'failure' in end
            ? { frame, type: 'MapRunFailed', details: failureDetails(end.failure), memo: { mapRunArn } }
            : { frame, type: 'MapRunSucceeded', memo: { mapRunArn, result: end.result } },
        ),
      );
    } catch (error) {
      if (!(error instanceof EngineStopped)) this.#broken(mapRunArn, error);
    }
  }

  #broken(mapRunArn: string, error: unknown): void {
    this.#host.report('error', 'a map run stopped at an error of the engine; it goes on at the next start', {
      mapRunArn,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  /** Whether every run waits for its children. */
  get quiet(): boolean {
    return [...this.#active.values()].every((run) => run.waits);
  }

  /** Changes the limits of a run that is under way; they hold from when this resolves. */
  async update(row: MapRunRow, change: Parameters<MapRunLog['change']>[1]): Promise<void> {
    await this.#host.commit(() => this.#host.log.change(row.key, change));
    this.#active.get(row.key)?.updated();
  }

  /** Runs that nobody waits for any more are ended. Called in a transaction. */
  resume(stateOf: (executionKey: number) => Execution): void {
    for (const row of this.#host.log.running()) {
      const execution = stateOf(row.executionKey);
      const frame = execution.status === 'RUNNING' ? execution.frames.get(row.frame) : undefined;
      if (frame?.state?.mapRun?.arn === row.arn && (frame.phase === 'map-run' || frame.phase === 'run-redriven'))
        continue;
      this.#host.log.end(row.arn, 'ABORTED', this.#host.clock.now());
    }
  }

  /** Whether the run of a child is over, so that the child is to be stopped. */
  isOver(runKey: number): boolean {
    return this.#host.log.byKey(runKey).status !== 'RUNNING';
  }

  stopChild(row: Parameters<MapRunHost['post']>[0]): void {
    void this.#host.post(row, abortExecution()).catch((error: unknown) => {
      if (!(error instanceof EngineStopped)) this.#broken(row.arn, error);
    });
  }
}
