import { describe, expect, it } from 'vitest';
import { AwsError } from '../aws-error.ts';
import { VirtualClock } from '../clock.ts';
import { everyRoleMay } from '../iam/test-access.ts';
import { seededIds } from '../ids.ts';
import type { AccountContext, Call, EventBridgeEvent, JsonObject, Principal, Services } from '../service.ts';
import { Store } from '../store/store.ts';
import { createEventBridge, type EventBridge } from './eventbridge.ts';

const ACCOUNT = '111111111111';
const OTHER = '222222222222';
const REGION = 'eu-west-1';
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:orders`;
const DEAD = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead`;
const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:on-order`;

interface Sent {
  readonly arn: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly principal: Principal;
}

/** One account's EventBridge whose neighbours write down what they get, or fail as they are told. */
function world({ store = new Store(':memory:'), clock = new VirtualClock() } = {}) {
  const sent: Sent[] = [];
  const logged: string[] = [];
  const failures = new Map<string, AwsError>();
  const take = async (arn: string, body: string, principal: Principal, attributes = {}) => {
    const failure = failures.get(arn);
    if (failure) throw failure;
    sent.push({ arn, body, attributes, principal });
  };
  const services = {
    sendMessage: (arn, body, attributes, principal) => take(arn, body, principal, attributes),
    queueLambda: take,
    putEvent: (arn: string, event: EventBridgeEvent, principal) => take(arn, JSON.stringify(event), principal),
    startExecution: async (arn, input, principal, name = '') => {
      await take(arn, input, principal, { name });
      return { executionArn: `${arn}:${name}` };
    },
  } as Pick<Services, 'sendMessage' | 'queueLambda' | 'putEvent' | 'startExecution'> as Services;
  const ctx: AccountContext = {
    accountId: ACCOUNT,
    region: REGION,
    store,
    directory: '/nowhere',
    clock,
    access: everyRoleMay(clock),
    ids: seededIds('events'),
    log: (_level, message) => logged.push(message),
  };
  const events = createEventBridge(ctx, services);
  events.background.start();
  return { events, sent, logged, failures, clock, store };
}

const principal: Principal = { kind: 'root', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT };
const call: Call = { principal, accountId: ACCOUNT, region: REGION, requestId: 'r' };

const run = (events: EventBridge, operation: string, input: JsonObject): Promise<JsonObject> =>
  (async () => {
    const perform = events.service.operations[operation];
    if (!perform) throw new Error(`no operation ${operation}`);
    return perform(input, call);
  })();

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function subscribe(events: EventBridge, target: JsonObject, pattern: JsonObject = { source: ['shop'] }) {
  await run(events, 'PutRule', { Name: 'orders', EventPattern: JSON.stringify(pattern) });
  await run(events, 'PutTargets', { Rule: 'orders', Targets: [{ Id: 't1', ...target }] });
}

const put = (events: EventBridge, detail = '{"n":5.0}', more: JsonObject = {}) =>
  run(events, 'PutEvents', { Entries: [{ Source: 'shop', DetailType: 'Placed', Detail: detail, ...more }] });

const RULE_ARN = `arn:aws:events:${REGION}:${ACCOUNT}:rule/orders`;

describe('PutEvents', () => {
  it('delivers an event to the targets of the rules that match it, numbers as they were written', async () => {
    const { events, sent } = world();
    await subscribe(events, { Arn: QUEUE });

    const answer = await put(events);
    await settle();

    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toContain('"detail":{"n":5.0}');
    expect(sent[0]?.principal).toMatchObject({ arn: 'events.amazonaws.com', sourceArn: RULE_ARN });
  });

  it('delivers nothing of an event that no rule matches', async () => {
    const { events, sent } = world();
    await subscribe(events, { Arn: QUEUE }, { source: ['elsewhere'] });

    await put(events);
    await settle();

    expect(sent).toEqual([]);
  });

  it.each([
    { what: 'no source', entry: { Source: '' }, code: 'InvalidArgument' },
    { what: 'a detail that is no JSON', entry: { Detail: '{' }, code: 'MalformedDetail' },
    { what: 'a detail that is no object', entry: { Detail: '[1]' }, code: 'MalformedDetail' },
    { what: "a source of AWS's own", entry: { Source: 'aws.s3' }, code: 'NotAuthorizedForSourceException' },
  ])('refuses one entry with $what and sends the other', async ({ entry, code }) => {
    const { events, sent } = world();
    await subscribe(events, { Arn: QUEUE });
    const good = { Source: 'shop', DetailType: 'Placed', Detail: '{}' };

    const answer = await run(events, 'PutEvents', { Entries: [{ ...good, ...entry }, good] });
    await settle();

    expect(answer).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: code }, { EventId: expect.any(String) }],
    });
    expect(sent).toHaveLength(1);
  });

  it('refuses more than ten entries and more than 256 KB', async () => {
    const { events } = world();
    const entry = { Source: 'shop', DetailType: 'Placed', Detail: '{}' };

    await expect(run(events, 'PutEvents', { Entries: Array(11).fill(entry) })).rejects.toThrow(
      /less than or equal to 10/,
    );
    await expect(put(events, JSON.stringify({ blob: 'x'.repeat(262_144) }))).rejects.toThrow(/over the limit/);
  });

  it('hands an event for a bus of another account to that account', async () => {
    const { events, sent } = world();
    const bus = `arn:aws:events:${REGION}:${OTHER}:event-bus/theirs`;

    await put(events, '{}', { EventBusName: bus });

    expect(sent).toMatchObject([{ arn: bus, principal }]);
  });
});

describe('an event from another account', () => {
  const event: EventBridgeEvent = {
    version: '0',
    id: 'e-1',
    'detail-type': 'Placed',
    source: 'shop',
    account: OTHER,
    time: '2026-01-01T00:00:00Z',
    region: REGION,
    resources: [],
    detail: {},
  };
  const theirs: Principal = { kind: 'root', accountId: OTHER, arn: `arn:aws:iam::${OTHER}:root`, userId: OTHER };
  const policy = (source: string) => ({
    stackName: 's',
    logicalId: 'Policy',
    artifact: () => new Uint8Array(),
    properties: {
      EventBusName: 'default',
      StatementId: 'from-theirs',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
        Action: 'events:PutEvents',
        Resource: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
        Condition: { StringEquals: { 'events:source': source } },
      },
    },
  });
  const bus = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;
  const allow = (events: EventBridge, source: string) =>
    events.resources.find(({ type }) => type === 'AWS::Events::EventBusPolicy')?.put(policy(source));

  it('is refused unless the policy of the bus lets it in, and then nothing is delivered', async () => {
    const { events, sent } = world();
    await subscribe(events, { Arn: QUEUE });
    await allow(events, 'another-source');

    await expect(events.putEvent(bus, event, theirs)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await settle();

    expect(sent).toEqual([]);
  });

  it('keeps its account, id and time', async () => {
    const { events, sent } = world();
    await subscribe(events, { Arn: QUEUE });
    await allow(events, 'shop');

    await events.putEvent(bus, event, theirs);
    await settle();

    expect(JSON.parse(sent[0]?.body ?? '')).toEqual(event);
  });

  it('does not go on to a third bus when a rule sent it here', async () => {
    const { events, sent, logged } = world();
    await subscribe(events, { Arn: `arn:aws:events:${REGION}:333333333333:event-bus/third` });
    await allow(events, 'shop');

    await events.putEvent(bus, event, { ...theirs, sourceArn: `arn:aws:events:${REGION}:${OTHER}:rule/send` });
    await settle();

    expect(sent).toEqual([]);
    expect(logged).toEqual([expect.stringContaining('not sent on to a third')]);
  });
});

describe('delivery', () => {
  const unavailable = new AwsError('ServiceUnavailable', 'try later', 503);

  it('tries again with growing delays until the target takes the event', async () => {
    const { events, sent, failures, clock } = world();
    await subscribe(events, { Arn: FUNCTION });
    failures.set(FUNCTION, unavailable);
    await put(events);
    await settle();
    expect(clock.pending).toBe(1);

    clock.next();
    await settle();
    failures.delete(FUNCTION);
    clock.next();
    await settle();

    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('puts the event into the dead-letter queue with the reason when the attempts are used up', async () => {
    const { events, sent, failures, clock } = world();
    const RetryPolicy = { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 };
    await subscribe(events, { Arn: FUNCTION, RetryPolicy, DeadLetterConfig: { Arn: DEAD } });
    failures.set(FUNCTION, unavailable);

    await put(events);
    await settle();
    while (clock.next()) await settle();

    expect(sent).toMatchObject([
      {
        arn: DEAD,
        attributes: {
          RULE_ARN,
          TARGET_ARN: FUNCTION,
          ERROR_CODE: 'INTERNAL_ERROR',
          ERROR_MESSAGE: 'try later',
          RETRY_ATTEMPTS: '2',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
        },
      },
    ]);
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ source: 'shop', detail: { n: 5 } });
  });

  it('does not try again what the target forbids', async () => {
    const { events, sent, failures, clock } = world();
    await subscribe(events, { Arn: FUNCTION, DeadLetterConfig: { Arn: DEAD } });
    failures.set(FUNCTION, new AwsError('AccessDeniedException', 'no', 403));

    await put(events);
    await settle();

    expect(sent).toMatchObject([{ arn: DEAD, attributes: { ERROR_CODE: 'NO_PERMISSIONS', RETRY_ATTEMPTS: '0' } }]);
    expect(clock.pending).toBe(0);
  });

  it('gives up when the event grows too old', async () => {
    const { events, sent, failures, clock } = world();
    const RetryPolicy = { MaximumEventAgeInSeconds: 60 };
    await subscribe(events, { Arn: FUNCTION, RetryPolicy, DeadLetterConfig: { Arn: DEAD } });
    failures.set(FUNCTION, unavailable);

    await put(events);
    await settle();
    while (clock.next()) await settle();

    expect(sent).toMatchObject([{ arn: DEAD, attributes: { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' } }]);
  });

  it('is taken up again after a restart', async () => {
    const before = world();
    await subscribe(before.events, { Arn: FUNCTION });
    before.failures.set(FUNCTION, unavailable);
    await put(before.events);
    await settle();
    await before.events.background.stop();

    const after = world({ store: before.store, clock: before.clock });
    after.clock.advance(60_000);
    await settle();

    expect(after.sent).toHaveLength(1);
  });

  it('starts an execution once, however often its event is delivered', async () => {
    const machine = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:train`;
    const { events, sent, failures, logged } = world();
    await subscribe(events, { Arn: machine, RoleArn: `arn:aws:iam::${ACCOUNT}:role/start-train` });
    await put(events);
    await settle();
    failures.set(machine, new AwsError('ExecutionAlreadyExists', 'Execution Already Exists'));

    await put(events);
    await settle();

    expect(sent).toHaveLength(1);
    expect(sent[0]?.attributes?.name).toMatch(/^[0-9a-f-]{36}_[0-9a-f]{32}$/);
    expect(sent[0]?.principal).toMatchObject({ roleArn: `arn:aws:iam::${ACCOUNT}:role/start-train` });
    expect(logged).toEqual([]);
  });

  it("commits a service's own event with the caller's write or not at all", async () => {
    const { events, sent, store } = world();
    await subscribe(events, { Arn: QUEUE }, { source: ['aws.s3'] });
    const created = { source: 'aws.s3', detailType: 'Object Created', resources: [], detail: { key: 'a' } };

    expect(() =>
      store.transaction(() => {
        events.emitServiceEvent(created);
        throw new Error('the write failed');
      }),
    ).toThrow();
    await settle();
    expect(sent).toEqual([]);

    store.transaction(() => events.emitServiceEvent(created));
    await settle();
    expect(sent).toHaveLength(1);
  });
});

describe('archives and schedules', () => {
  it('replays what an archive kept, marked as a replay, to the rules that are named', async () => {
    const { events, sent, clock } = world();
    await subscribe(events, { Arn: QUEUE });
    const bus = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;
    const archive = await events.resources
      .find(({ type }) => type === 'AWS::Events::Archive')
      ?.put({
        stackName: 's',
        logicalId: 'Archive',
        artifact: () => new Uint8Array(),
        properties: { ArchiveName: 'all', SourceArn: bus, RetentionDays: 7 },
      });
    await put(events);
    await settle();

    await run(events, 'StartReplay', {
      ReplayName: 'again',
      EventSourceArn: archive?.attributes.Arn,
      EventStartTime: clock.now() / 1000 - 60,
      EventEndTime: clock.now() / 1000 + 60,
      Destination: { Arn: bus, FilterArns: [RULE_ARN] },
    });
    while (clock.next()) await settle();
    await settle();

    expect(sent).toHaveLength(2);
    expect(JSON.parse(sent[1]?.body ?? '')).toEqual({ ...JSON.parse(sent[0]?.body ?? ''), 'replay-name': 'again' });
    expect(await run(events, 'DescribeReplay', { ReplayName: 'again' })).toMatchObject({ State: 'COMPLETED' });
  });

  it('fires a rule with a schedule each time it is due', async () => {
    const { events, sent, clock } = world();
    await run(events, 'PutRule', { Name: 'nightly', ScheduleExpression: 'rate(1 hour)' });
    await run(events, 'PutTargets', { Rule: 'nightly', Targets: [{ Id: 't1', Arn: QUEUE }] });

    clock.advance(3_600_000);
    await settle();
    clock.advance(3_600_000);
    await settle();

    expect(sent).toHaveLength(2);
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
  });
});

describe('rules', () => {
  it('refuses a pattern that is none, and keeps no rule', async () => {
    const { events } = world();

    await expect(run(events, 'PutRule', { Name: 'bad', EventPattern: '{"source":"shop"}' })).rejects.toMatchObject({
      code: 'InvalidEventPatternException',
    });

    expect(await run(events, 'ListRules', {})).toEqual({ Rules: [] });
  });

  it('refuses by name a target that is not delivered to here', async () => {
    const { events } = world();

    await expect(subscribe(events, { Arn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/s` })).rejects.toMatchObject({
      code: 'NotImplemented',
    });
  });
});
