import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { InputInvalid } from '../../domain/errors.ts';
import type { StepResult } from '../../domain/step.ts';
import { describeIssues } from './attempt.ts';
import { EARLY_TIMEOUT_MS } from './early-timeout.ts';
import { logError } from './log-error.ts';
import { type AttemptIdentity, createRecorder, type RecorderDeps } from './recorder.ts';

/** An event as EventBridge hands it to a function. */
export const busEvent = v.object({
  id: v.string(),
  'detail-type': v.string(),
  source: v.string(),
  account: v.string(),
  time: v.string(),
  detail: v.unknown(),
});
export type BusEvent = v.InferOutput<typeof busEvent>;

export interface ConsumerDefinition {
  /** What makes two deliveries one event, where the event's own id does not: e.g. the fact's id, the object's version. */
  readonly identify: (event: BusEvent) => string;
  readonly run: (event: BusEvent) => Promise<StepResult<unknown>>;
  readonly recorder: Omit<RecorderDeps, 'functionName'>;
}

interface Internal extends Record<string, unknown> {
  startedMs: number;
  identity?: (outcome: 'succeeded' | 'failed') => AttemptIdentity;
}

/**
 * A Lambda handler of one EventBridge rule. Events come twice, late and out of order: a delivery that was dealt with before writes
 * nothing. One audit event an event and outcome: a delivery that fails and succeeds when it is tried again leaves both.
 */
export function defineConsumer({ identify, run, recorder }: ConsumerDefinition) {
  const recorderOf = (context: Context) => createRecorder({ ...recorder, functionName: context.functionName });

  return middy<BusEvent, unknown, Error, Context, Internal>({ timeoutEarlyInMillis: EARLY_TIMEOUT_MS })
    .before((request) => {
      request.internal.startedMs = recorder.clock.monotonicMs();
      const parsed = v.safeParse(busEvent, request.event);
      if (!parsed.success) throw new InputInvalid(`EventBridge sends events; ${describeIssues(parsed.issues)}`);
      request.event = parsed.output;
      const event = identify(parsed.output);
      request.internal.identity = (outcome) => ({
        key: `${request.context.functionName}#${event}#${outcome}`,
        runId: null,
        machine: null,
        state: null,
        attempt: 0,
        redrive: 0,
      });
    })
    .after(async (request) => {
      const { identity, startedMs } = request.internal;
      const result = request.response as StepResult<unknown>;
      const recorder = recorderOf(request.context);
      request.response = await recorder.succeeded(
        (identity as NonNullable<typeof identity>)('succeeded'),
        startedMs,
        result,
      );
    })
    .onError(async (request) => {
      const { identity, startedMs } = request.internal;
      const own = identity?.('failed');
      logError(request.error, own?.key ?? null);
      if (!own) return;
      try {
        await recorderOf(request.context).failed(own, startedMs, request.error, null);
      } catch (error) {
        logError(error, own.key);
      }
    })
    .handler((event) => run(event));
}
