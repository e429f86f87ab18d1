import type { Environment } from '../../domain/environment.ts';
import type { Machine } from '../../domain/ports/workflows.ts';

export const runStatuses = ['running', 'succeeded', 'failed', 'timed-out', 'aborted'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** One execution of a state machine, as `sluice runs` shows it. */
export interface Run {
  readonly environment: Environment;
  readonly runId: string;
  readonly machine: Machine;
  readonly status: RunStatus;
  readonly model: string | null;
  /** Why it was started: `data`, `code`, `promotion`, `registration`, `request from acc` … */
  readonly trigger: string | null;
  readonly replayOf: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number;
  readonly error: string | null;
  readonly cause: string | null;
  readonly redrives: number;
}

export const hasFailed = (status: RunStatus): boolean => status !== 'running' && status !== 'succeeded';

/** Step Functions' word for a status, in ours. `PENDING_REDRIVE` is a run that goes on. */
export function runStatus(status: string | undefined): RunStatus {
  switch (status) {
    case 'SUCCEEDED':
      return 'succeeded';
    case 'FAILED':
      return 'failed';
    case 'TIMED_OUT':
      return 'timed-out';
    case 'ABORTED':
      return 'aborted';
    default:
      return 'running';
  }
}

interface RunInput {
  readonly model?: unknown;
  readonly request?: { readonly model?: unknown; readonly from?: unknown };
  readonly trigger?: { readonly kind?: unknown; readonly from?: unknown };
  readonly replay?: { readonly of?: unknown } | null;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What a run's input says of it. An input that is not ours (somebody started the machine by hand) says nothing. */
export function describeInput(input: string | undefined): Pick<Run, 'model' | 'trigger' | 'replayOf'> {
  let parsed: RunInput | null = null;
  try {
    parsed = JSON.parse(input ?? 'null') as RunInput | null;
  } catch {
    parsed = null;
  }
  if (typeof parsed !== 'object' || parsed === null) return { model: null, trigger: null, replayOf: null };
  const kind = text(parsed.trigger?.kind);
  const from = text(parsed.trigger?.from) ?? text(parsed.request?.from);
  return {
    model: text(parsed.model) ?? text(parsed.request?.model),
    trigger: kind === 'request' && from ? `request from ${from}` : kind,
    replayOf: text(parsed.replay?.of),
  };
}
