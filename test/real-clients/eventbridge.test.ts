import {
  CancelReplayCommand,
  CreateArchiveCommand,
  EventBridgeClient,
  PutEventsCommand,
  StartReplayCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../local/clock.ts';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { eventually } from '../support/eventually.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

let runtime: TestRuntime;
let cli: AwsCli;
let sdk: EventBridgeClient;
beforeAll(async () => {
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  sdk = new EventBridgeClient(runtime.client(DEV));
});
afterAll(async () => {
  sdk.destroy();
  await runtime.dispose();
});

const events = (...words: string[]) => cli.json('events', ...words);
const arnOf = (resource: string) => `arn:aws:events:${REGION}:${DEV}:${resource}`;
const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${DEV}:${name}`;
const urlOf = (name: string) => `${runtime.url}/${DEV}/${name}`;

/** A queue that takes what EventBridge sends it. */
async function makeQueue(name: string): Promise<void> {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn(name),
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await cli.json('sqs', 'create-queue', '--queue-name', name, '--attributes', JSON.stringify({ Policy }));
}

/** The body of the next message, which is taken from the queue. */
async function nextOf(queue: string): Promise<Record<string, unknown>> {
  const url = ['--queue-url', urlOf(queue)];
  const { Messages } = (await cli.json('sqs', 'receive-message', ...url, '--wait-time-seconds', '20')) as {
    Messages?: { Body: string; ReceiptHandle: string }[];
  };
  const [message] = Messages ?? [];
  if (message === undefined) throw new Error(`No message came to ${queue} in 20 seconds.`);
  await cli.json('sqs', 'delete-message', ...url, '--receipt-handle', message.ReceiptHandle);
  return JSON.parse(message.Body) as Record<string, unknown>;
}

describe('the SDK', () => {
  it('is told of each entry whether it was taken', async () => {
    const right = { Source: 'shop', DetailType: 'Order', Detail: '{"n": 1}' };
    const answer = await sdk.send(new PutEventsCommand({ Entries: [right, { ...right, Detail: 'none' }] }));
    expect(answer).toMatchObject({
      FailedEntryCount: 1,
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      ],
    });
  });

  it('cancels a replay that has not ended', async () => {
    const clock = new VirtualClock(Date.now());
    const still = await startTestRuntime({ clock });
    const client = new EventBridgeClient(still.client(DEV));
    try {
      const source = arnOf('event-bus/default');
      const { ArchiveArn } = await client.send(new CreateArchiveCommand({ ArchiveName: 'a', EventSourceArn: source }));
      const EventEndTime = new Date(clock.now());
      const EventStartTime = new Date(clock.now() - 86_400_000);
      const span = { EventStartTime, EventEndTime, EventSourceArn: ArchiveArn, Destination: { Arn: source } };
      await client.send(new StartReplayCommand({ ReplayName: 'long', ...span }));
      const { State } = await client.send(new CancelReplayCommand({ ReplayName: 'long' }));
      expect(State).toMatch(/^CANCELL(ING|ED)$/);
    } finally {
      client.destroy();
      await still.dispose();
    }
  });

  it('tries a pattern out', async () => {
    const Event = JSON.stringify({
      ...{ id: '1', account: DEV, source: 'shop', time: '2026-01-31T00:00:00Z', region: REGION },
      ...{ resources: [], 'detail-type': 'Order', detail: { total: 12.5 } },
    });
    const tried = (pattern: object) =>
      sdk.send(new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event }));
    expect((await tried({ detail: { total: [{ numeric: ['>', 12] }] } })).Result).toBe(true);
    expect((await tried({ detail: { total: [{ numeric: ['<', 12] }] } })).Result).toBe(false);
    await expect(tried({ source: 'shop' })).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
  });
});

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 120_000 }, () => {
  it.skipIf(awscliMissing)('makes a bus that another account may use, tags it and deletes it', async () => {
    const bus = ['--event-bus-name', 'team'];
    expect(await events('create-event-bus', '--name', 'team')).toEqual({ EventBusArn: arnOf('event-bus/team') });
    await events(
      ...['put-permission', ...bus, '--statement-id', 'acc', '--principal', ACC, '--action', 'events:PutEvents'],
    );
    const described = await events('describe-event-bus', '--name', 'team');
    expect(JSON.parse(described.Policy as string)).toMatchObject({
      Statement: [{ Sid: 'acc', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACC}:root` } }],
    });
    await events('remove-permission', ...bus, '--statement-id', 'acc');
    expect(await events('describe-event-bus', '--name', 'team')).not.toHaveProperty('Policy');

    const resource = ['--resource-arn', arnOf('event-bus/team')];
    await events('tag-resource', ...resource, '--tags', 'Key=team,Value=risk', 'Key=old,Value=yes');
    await events('untag-resource', ...resource, '--tag-keys', 'old');
    expect(await events('list-tags-for-resource', ...resource)).toEqual({ Tags: [{ Key: 'team', Value: 'risk' }] });

    const names = async () =>
      ((await events('list-event-buses')) as { EventBuses: { Name: string }[] }).EventBuses.map(({ Name }) => Name);
    expect(await names()).toEqual(['default', 'team']);
    await events('delete-event-bus', '--name', 'team');
    expect(await names()).toEqual(['default']);
  });

  it.skipIf(awscliMissing)('routes an event by a rule to a queue, and takes the rule apart again', async () => {
    await makeQueue('orders');
    const rule = ['--rule', 'orders'];
    expect(
      await events('put-rule', '--name', 'orders', '--event-pattern', '{"source": ["shop"]}', '--description', 'all'),
    ).toEqual({ RuleArn: arnOf('rule/orders') });
    const target = {
      Id: 'queue',
      Arn: queueArn('orders'),
      InputTransformer: { InputPathsMap: { n: '$.detail.n' }, InputTemplate: '{"number": <n>}' },
    };
    expect(await events('put-targets', ...rule, '--targets', JSON.stringify([target]))).toEqual({
      FailedEntryCount: 0,
      FailedEntries: [],
    });
    expect(await events('list-targets-by-rule', ...rule)).toEqual({ Targets: [target] });
    expect(await events('list-rule-names-by-target', '--target-arn', queueArn('orders'))).toEqual({
      RuleNames: ['orders'],
    });
    expect(await events('list-rules', '--name-prefix', 'ord')).toMatchObject({ Rules: [{ Name: 'orders' }] });

    const put = (n: number) =>
      events(
        'put-events',
        '--entries',
        JSON.stringify([{ Source: 'shop', DetailType: 'Order', Detail: `{"n":${n}}` }]),
      );
    await put(1);
    expect(await nextOf('orders')).toEqual({ number: 1 });

    await events('disable-rule', '--name', 'orders');
    expect(await events('describe-rule', '--name', 'orders')).toMatchObject({ State: 'DISABLED', Description: 'all' });
    await put(2);
    await events('enable-rule', '--name', 'orders');
    await put(3);
    expect(await nextOf('orders')).toEqual({ number: 3 });

    await expect(events('delete-rule', '--name', 'orders')).rejects.toThrow(
      "An error occurred (ValidationException) when calling the DeleteRule operation: Rule can't be deleted since it has targets.",
    );
    await events('remove-targets', ...rule, '--ids', 'queue');
    await events('delete-rule', '--name', 'orders');
    await expect(events('describe-rule', '--name', 'orders')).rejects.toThrow(
      'An error occurred (ResourceNotFoundException) when calling the DescribeRule operation: Rule orders does not exist on EventBus default.',
    );
  });

  it.skipIf(awscliMissing)('archives events and replays them to the rule that is named', async () => {
    await makeQueue('replayed');
    await events('create-event-bus', '--name', 'history');
    const archive = ['--archive-name', 'all'];
    const source = arnOf('event-bus/history');
    expect(await events('create-archive', ...archive, '--event-source-arn', source)).toMatchObject({
      ArchiveArn: arnOf('archive/all'),
      State: 'ENABLED',
    });
    const Time = Math.floor(Date.now() / 1000) - 600;
    const entry = { Source: 'shop', DetailType: 'Order', Detail: '{"n": 7}', EventBusName: 'history', Time };
    await events('put-events', '--entries', JSON.stringify([entry]));
    await eventually('the event in the archive', async () => {
      const { EventCount } = await events('describe-archive', ...archive);
      return EventCount === 1 ? true : undefined;
    });
    await events('update-archive', ...archive, '--retention-days', '9');
    expect(await events('describe-archive', ...archive)).toMatchObject({ RetentionDays: 9, EventSourceArn: source });
    expect(await events('list-archives')).toMatchObject({ Archives: [{ ArchiveName: 'all' }] });

    const bus = ['--event-bus-name', 'history'];
    for (const name of ['wanted', 'other']) {
      await events('put-rule', ...bus, '--name', name, '--event-pattern', '{"source": ["shop"]}');
    }
    await events('put-targets', ...bus, '--rule', 'wanted', '--targets', `Id=queue,Arn=${queueArn('replayed')}`);
    const replay = ['--replay-name', 'again'];
    const span = ['--event-start-time', String(Time - 60), '--event-end-time', String(Time + 60)];
    const destination = { Arn: source, FilterArns: [arnOf('rule/history/wanted')] };
    await events(
      ...['start-replay', ...replay, '--event-source-arn', arnOf('archive/all'), ...span],
      ...['--destination', JSON.stringify(destination)],
    );
    expect(await nextOf('replayed')).toMatchObject({ 'replay-name': 'again', detail: { n: 7 } });
    await eventually('the end of the replay', async () => {
      const { State } = await events('describe-replay', ...replay);
      return State === 'COMPLETED' ? true : undefined;
    });
    expect(await events('list-replays', '--state', 'COMPLETED')).toMatchObject({ Replays: [{ ReplayName: 'again' }] });
    await expect(events('cancel-replay', ...replay)).rejects.toThrow('(IllegalStatusException)');
    await events('delete-archive', ...archive);
    expect(await events('list-archives')).toEqual({ Archives: [] });
  });

  it.skipIf(awscliMissing)('keeps API destinations and their connections, and never shows a secret', async () => {
    const parameters = { ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'swordfish' } };
    const auth = ['--authorization-type', 'API_KEY', '--auth-parameters', JSON.stringify(parameters)];
    const { ConnectionArn } = (await events('create-connection', '--name', 'hook', ...auth)) as {
      ConnectionArn: string;
    };
    const shown = await events('describe-connection', '--name', 'hook');
    expect(shown).toMatchObject({ Name: 'hook', AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-key' } } });
    expect(JSON.stringify(shown)).not.toContain('swordfish');

    const endpoint = ['--invocation-endpoint', 'https://example.com/hook', '--http-method'];
    await events('create-api-destination', '--name', 'hook', '--connection-arn', ConnectionArn, ...endpoint, 'POST');
    await events('update-api-destination', '--name', 'hook', ...endpoint, 'PUT');
    expect(await events('describe-api-destination', '--name', 'hook')).toMatchObject({
      HttpMethod: 'PUT',
      ConnectionArn,
      ApiDestinationState: 'ACTIVE',
    });
    expect(await events('list-api-destinations')).toMatchObject({ ApiDestinations: [{ Name: 'hook' }] });
    await events('update-connection', '--name', 'hook', '--description', 'the hook');
    expect(await events('list-connections')).toMatchObject({ Connections: [{ Name: 'hook' }] });
    await events('delete-api-destination', '--name', 'hook');
    await events('delete-connection', '--name', 'hook');
    await expect(events('describe-connection', '--name', 'hook')).rejects.toThrow('(ResourceNotFoundException)');
  });
});
