import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { InputInvalid } from '../../domain/errors.ts';
import type { Attempt, StepResult } from '../../domain/step.ts';
import { attemptKey, describeIssues, readStepEvent } from './attempt.ts';
import { EARLY_TIMEOUT_MS } from './early-timeout.ts';
import { logError } from './log-error.ts';
import { type AttemptIdentity, createRecorder, type RecorderDeps } from './recorder.ts';

type Schema = v.GenericSchema<unknown, unknown>;

export interface StepDefinition<Input extends Schema, Output extends Schema> {
  readonly contract: { readonly input: Input; readonly output: Output };
  readonly run: (input: v.InferOutput<Input>, attempt: Attempt) => Promise<StepResult<v.InferOutput<Output>>>;
  readonly recorder: Omit<RecorderDeps, 'functionName'>;
}

/** The event once it is read. */
interface StepEvent {
  readonly input: unknown;
  readonly attempt: Attempt;
}

interface Internal extends Record<string, unknown> {
  startedMs: number;
  identity?: AttemptIdentity;
}

const modelOf = (event: unknown): string | null => {
  const { model, request } = ((event as Partial<StepEvent> | null)?.input ?? {}) as {
    model?: unknown;
    request?: { model?: unknown };
  };
  const name = model ?? request?.model;
  return typeof name === 'string' ? name : null;
};

/**
 * A Lambda handler of one Task state: reads the event, runs the step, commits its result with the attempt's audit event. An
 * attempt that fails leaves its audit event too; its error goes on to the state machine with its name unchanged.
 */
export function defineStep<Input extends Schema, Output extends Schema>({
  contract,
  run,
  recorder,
}: StepDefinition<Input, Output>) {
  const recorderOf = (context: Context) => createRecorder({ ...recorder, functionName: context.functionName });

  return middy<StepEvent, unknown, Error, Context, Internal>({ timeoutEarlyInMillis: EARLY_TIMEOUT_MS })
    .before((request) => {
      request.internal.startedMs = recorder.clock.monotonicMs();
      const event = readStepEvent(request.event);
      request.event = event;
      const { runId, machine, state, attempt, redrive } = event.attempt;
      request.internal.identity = { key: attemptKey(event.attempt), runId, machine, state, attempt, redrive };
      const parsed = v.safeParse(contract.input, event.input);
      if (!parsed.success) {
        throw new InputInvalid(`${state} was sent what it cannot read: ${describeIssues(parsed.issues)}`);
      }
      request.event = { ...event, input: parsed.output };
    })
    .after(async (request) => {
      const { identity, startedMs } = request.internal;
      const result = request.response as StepResult<unknown>;
      // A step that breaks its own contract is a defect: better here than three states later.
      v.parse(contract.output, result.output);
      request.response = await recorderOf(request.context).succeeded(identity as AttemptIdentity, startedMs, result);
    })
    .onError(async (request) => {
      const { identity, startedMs } = request.internal;
      logError(request.error, identity?.key ?? null);
      if (!identity) return;
      try {
        const model = modelOf(request.event);
        await recorderOf(request.context).failed(identity, startedMs, request.error, model);
      } catch (error) {
        // The step's own error must reach the state machine; ReconcileAudit will find that this attempt left no audit event.
        logError(error, identity.key);
      }
    })
    .handler((event) => run(event.input as v.InferOutput<Input>, event.attempt));
}
