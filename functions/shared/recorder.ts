import type { AuditEvent } from '../../domain/audit-event.ts';
import { contentId, type Sha256 } from '../../domain/content-id.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Fact } from '../../domain/fact.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { StepResult } from '../../domain/step.ts';

/** What writing an attempt down takes. */
export interface RecorderDeps {
  readonly registry: Pick<Registry, 'commit'>;
  readonly clock: Clock;
  readonly sha256: Sha256;
  readonly environment: Environment;
  readonly functionName: string;
  /** Who acts where no person is known: the function's own role. */
  readonly actor: string;
}

/** Where an attempt belongs; `key` names its one audit event. */
export type AttemptIdentity = Pick<AuditEvent, 'key' | 'runId' | 'machine' | 'state' | 'attempt' | 'redrive'>;

/** An error's text as far as an audit trail needs it. Never holds a token or a credential: steps throw their own messages. */
const LONGEST_MESSAGE = 2_000;

/** Writes what an attempt did: its changes, its facts and its one audit event, in one transaction. */
export function createRecorder({ registry, clock, sha256, environment, functionName, actor }: RecorderDeps) {
  const auditEvent = (
    identity: AttemptIdentity,
    startedMs: number,
    rest: Pick<AuditEvent, 'outcome' | 'verdict' | 'error' | 'model' | 'subjects'> & { actor?: string },
  ): AuditEvent => ({
    ...identity,
    environment,
    function: functionName,
    actor,
    at: isoTime(clock),
    durationMs: Math.max(0, Math.round((clock.monotonicMs() - startedMs) * 1000) / 1000),
    ...rest,
  });

  return {
    /** Commits a result and answers its output, or what this attempt answered when it committed before. */
    async succeeded<Output>(identity: AttemptIdentity, startedMs: number, result: StepResult<Output>): Promise<Output> {
      const { output, verdict, model, subjects = {}, changes = [], facts = [], lost = [], actor: person } = result;
      const audit = auditEvent({ ...identity, runId: result.runId ?? identity.runId }, startedMs, {
        outcome: 'succeeded',
        verdict,
        error: null,
        model,
        subjects,
        ...(person !== undefined && { actor: person }),
      });
      const told: Fact[] = facts.map((draft, index) => ({
        ...draft,
        // From the run and the state, not from the attempt: the attempt after a lost answer tells the same facts.
        id: contentId(sha256, 'fact', {
          run: identity.runId ?? identity.key,
          state: identity.state,
          environment,
          type: draft.type,
          index,
        }),
        environment,
        at: audit.at,
        runId: audit.runId,
      }));
      const lostEvents = lost.map(
        ({ state, attempt, redrive, error }): AuditEvent => ({
          ...audit,
          key: `${audit.runId}#${state}#${attempt}#${redrive}#lost`,
          state,
          attempt,
          redrive,
          outcome: 'lost',
          verdict: null,
          error: error === null ? null : { name: error, message: 'the attempt left no audit event' },
          subjects: {},
          durationMs: 0,
        }),
      );
      const committed = await registry.commit({ changes, facts: told, audit, lost: lostEvents, output });
      await result.afterCommit?.();
      return committed.committed ? output : (committed.output as Output);
    },

    async failed(identity: AttemptIdentity, startedMs: number, error: unknown, model: string | null): Promise<void> {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      const audit = auditEvent(identity, startedMs, {
        outcome: 'failed',
        verdict: null,
        error: { name, message: message.slice(0, LONGEST_MESSAGE) },
        model,
        subjects: {},
      });
      await registry.commit({ changes: [], facts: [], audit, lost: [], output: null });
    },
  };
}

export type Recorder = ReturnType<typeof createRecorder>;
