import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from './audit-event.ts';
import type { HistoryEvent } from './ports/workflows.ts';
import { attemptsOf, type HistoryAttempt, lostAttempts } from './reconciliation.ts';

/** Writes a history as Step Functions does: each event points at the one before it in its own branch. */
class History {
  readonly events: HistoryEvent[] = [];
  #last = 0;

  add(type: string, more: Partial<HistoryEvent> = {}, previousEventId = this.#last): number {
    const id = this.events.length + 1;
    this.events.push({ id, previousEventId, type, stateName: null, error: null, resourceType: null, ...more });
    this.#last = id;
    return id;
  }
  /** One call of a function, answered or failed. */
  call(error: string | null = null, types: readonly string[] = ['TaskStarted']): this {
    this.add('TaskScheduled', { resourceType: 'lambda' });
    for (const type of types) this.add(type);
    this.add(error === null ? 'TaskSucceeded' : 'TaskFailed', { error });
    return this;
  }
  enter(stateName: string, previousEventId = this.#last): this {
    this.add('TaskStateEntered', { stateName }, previousEventId);
    return this;
  }
  exit(stateName: string): this {
    this.add('TaskStateExited', { stateName });
    return this;
  }
  /** A state that goes well, with these errors before. */
  state(stateName: string, ...errors: string[]): this {
    this.enter(stateName);
    for (const error of errors) this.call(error);
    return this.call().exit(stateName);
  }
}

const attempt = (state: string, number = 0, error: string | null = null, redrive = 0): HistoryAttempt => ({
  state,
  attempt: number,
  redrive,
  error,
});
const audit = ({ state, attempt: number, redrive }: HistoryAttempt): AuditEvent => ({
  key: `run#${state}#${number}#${redrive}`,
  environment: 'dev',
  function: 'f',
  runId: 'run',
  machine: 'm',
  state,
  attempt: number,
  redrive,
  outcome: 'succeeded',
  verdict: null,
  error: null,
  model: null,
  subjects: {},
  actor: 'a',
  at: '2026-01-15T09:30:00.000Z',
  durationMs: 1,
});

const started = () => {
  const history = new History();
  history.add('ExecutionStarted');
  return history;
};

const OWN = { state: 'ReconcileAudit', attempt: 0, redrive: 0 };

describe('the attempts of a history', () => {
  it('are one a state that went well, in order', () => {
    expect(attemptsOf(started().state('A').state('B').events)).toEqual([attempt('A'), attempt('B')]);
  });

  it('are one more a retry, each with the error that ended it', () => {
    expect(attemptsOf(started().state('A', 'RegistryConflict', 'States.Timeout').state('B').events)).toEqual([
      attempt('A', 0, 'RegistryConflict'),
      attempt('A', 1, 'States.Timeout'),
      attempt('A', 2),
      attempt('B'),
    ]);
  });

  it('count from 0 again after a redrive', () => {
    const history = started().state('A').enter('B').call('RegistryUnavailable').call('InputInvalid');
    history.add('ExecutionFailed', {}, 0);
    history.add('ExecutionRedriven', {}, 1);
    history.add('TaskStateEntered', { stateName: 'B' });
    history.call().exit('B');
    expect(attemptsOf(history.events)).toEqual([
      attempt('A'),
      attempt('B', 0, 'RegistryUnavailable'),
      attempt('B', 1, 'InputInvalid'),
      attempt('B', 0, null, 1),
    ]);
  });

  it('belong to their own branch of a Parallel state', () => {
    const history = started();
    const parallel = history.add('ParallelStateEntered', { stateName: 'P' });
    const begun = history.add('ParallelStateStarted', {}, parallel);
    const enteredA = history.add('TaskStateEntered', { stateName: 'A' }, begun);
    const enteredB = history.add('TaskStateEntered', { stateName: 'B' }, begun);
    const scheduledB = history.add('TaskScheduled', { resourceType: 'lambda' }, enteredB);
    const scheduledA = history.add('TaskScheduled', { resourceType: 'lambda' }, enteredA);
    const startedB = history.add('TaskStarted', {}, scheduledB);
    const startedA = history.add('TaskStarted', {}, scheduledA);
    const failedB = history.add('TaskFailed', { error: 'EndpointUnavailable' }, startedB);
    history.add('TaskSucceeded', {}, startedA);
    history.add('TaskScheduled', { resourceType: 'lambda' }, failedB);
    expect(attemptsOf(history.events)).toEqual([attempt('B', 0, 'EndpointUnavailable'), attempt('A'), attempt('B', 1)]);
  });

  it('are one for a task that waited for its token, with what it was answered', () => {
    const history = started().enter('Authorize').call('ApprovalRefused', ['TaskStarted', 'TaskSubmitted']);
    expect(attemptsOf(history.events)).toEqual([attempt('Authorize', 0, 'ApprovalRefused')]);
  });

  it("do not count a nested execution, and its error is no attempt's of before", () => {
    const history = started().state('Move').enter('Retrain');
    history.add('TaskScheduled', { resourceType: 'states' });
    history.add('TaskStarted');
    history.add('TaskSubmitted');
    history.add('TaskFailed', { error: 'States.TaskFailed' });
    history.enter('Reject').call();
    expect(attemptsOf(history.events)).toEqual([attempt('Move'), attempt('Reject')]);
  });
});

describe('a lost attempt', () => {
  const attempts = fc
    .uniqueArray(fc.tuple(fc.constantFrom('A', 'B', 'C'), fc.nat({ max: 3 }), fc.nat({ max: 2 })), {
      selector: (one) => one.join('#'),
      minLength: 1,
    })
    .map((all) => all.map(([state, number, redrive]) => attempt(state, number, null, redrive)));

  it('is exactly the one whose audit event is missing', () => {
    fc.assert(
      fc.property(attempts, fc.nat(), (all, n) => {
        const missing = all[n % all.length] as HistoryAttempt;
        const audited = all.filter((one) => one !== missing).map(audit);
        expect(lostAttempts(all, audited, OWN)).toEqual([missing]);
      }),
    );
  });

  it('is none where every attempt has its event, with events of others beside it', () => {
    fc.assert(
      fc.property(attempts, (all) => {
        const others = [audit(attempt('Elsewhere')), { ...audit(attempt('A')), state: null }];
        expect(lostAttempts(all, [...all.map(audit), ...others], OWN)).toEqual([]);
      }),
    );
  });

  it('is not the one that asks: its own event is written after it has asked', () => {
    expect(lostAttempts([attempt('ReconcileAudit')], [], OWN)).toEqual([]);
    // An earlier attempt of its own state that was killed is lost like any other.
    const killed = attempt('ReconcileAudit', 0);
    expect(lostAttempts([killed, attempt('ReconcileAudit', 1)], [], { ...OWN, attempt: 1 })).toEqual([killed]);
  });

  it.each(['Lambda.TooManyRequestsException', 'Lambda.ServiceException', 'Lambda.SdkClientException'])(
    'is not one whose function never ran: %s',
    (error) => {
      expect(lostAttempts([attempt('A', 0, error)], [], OWN)).toEqual([]);
    },
  );

  it('is one whose function was killed', () => {
    const killed = attempt('A', 0, 'Sandbox.Timedout');
    expect(lostAttempts([killed], [], OWN)).toEqual([killed]);
  });

  it('that was written down is not lost again', () => {
    const killed = attempt('A', 1, 'Sandbox.Timedout');
    const lost: AuditEvent = { ...audit(killed), key: 'run#A#1#0#lost', outcome: 'lost' };
    expect(lostAttempts([killed], [lost], OWN)).toEqual([]);
  });
});
