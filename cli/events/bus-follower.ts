import {
  DeleteRuleCommand,
  ListRulesCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Fact } from '../../domain/fact.ts';
import type { Connection } from '../target/connection.ts';

/** `sluice-follow-<environment>-<epoch seconds>-<random>`: a follower that was killed is found, and cleared away, by its age. */
const PREFIX = 'sluice-follow-';
const ABANDONED_AFTER_SECONDS = 24 * 3600;
const RETENTION_SECONDS = '300';
const RECEIVE_SECONDS = 5;

export interface BusFollower {
  /** The next events of the bus; empty when none came for some seconds. */
  receive(signal: AbortSignal): Promise<Fact[]>;
  /** Takes the rule and the queue away again. */
  stop(): Promise<void>;
}

/** Listens to the environment's bus as any subscriber does: with a rule, and a queue of its own for as long as it listens. */
export async function followBus(
  connection: Connection,
  { types, nowEpochMs, suffix }: { types?: readonly string[] | undefined; nowEpochMs: number; suffix: string },
): Promise<BusFollower> {
  const { eventBridge, sqs, names, accountId, region, environment } = connection;
  await clearAbandoned(connection, nowEpochMs);
  const name = `${PREFIX}${environment}-${Math.floor(nowEpochMs / 1000)}-${suffix}`;
  const queueArn = `arn:aws:sqs:${region}:${accountId}:${name}`;
  const ruleArn = `arn:aws:events:${region}:${accountId}:rule/${names.bus}/${name}`;
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: { MessageRetentionPeriod: RETENTION_SECONDS, Policy: JSON.stringify(queuePolicy(queueArn, ruleArn)) },
    }),
  );
  const stop = () => remove(connection, name, QueueUrl);
  try {
    await eventBridge.send(
      new PutRuleCommand({
        Name: name,
        EventBusName: names.bus,
        Description: 'sluice events --follow: goes away by itself',
        EventPattern: JSON.stringify({ source: ['sluice'], ...(types && { 'detail-type': types }) }),
      }),
    );
    await eventBridge.send(
      new PutTargetsCommand({ Rule: name, EventBusName: names.bus, Targets: [{ Id: 'follower', Arn: queueArn }] }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    async receive(signal) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: RECEIVE_SECONDS }),
        { abortSignal: signal },
      );
      if (Messages.length === 0) return [];
      await sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl,
          Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
      return Messages.map(({ Body }) => factOf(Body ?? '{}'));
    },
  };
}

const queuePolicy = (queueArn: string, ruleArn: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    },
  ],
});

/** The event on the bus, put back into the fact that it came from. */
export function factOf(body: string): Fact {
  const event = JSON.parse(body) as {
    'detail-type': string;
    detail: { metadata: Omit<Fact, 'type' | 'data'>; data: Fact['data'] };
  };
  return { type: event['detail-type'], ...event.detail.metadata, data: event.detail.data };
}

async function remove(
  { eventBridge, sqs, names }: Connection,
  name: string,
  queueUrl: string | undefined,
): Promise<void> {
  const absent = (error: unknown) => {
    if (!/ResourceNotFound|QueueDoesNotExist|NonExistentQueue/.test((error as Error).name)) throw error;
  };
  await eventBridge
    .send(new RemoveTargetsCommand({ Rule: name, EventBusName: names.bus, Ids: ['follower'] }))
    .catch(absent);
  await eventBridge.send(new DeleteRuleCommand({ Name: name, EventBusName: names.bus })).catch(absent);
  await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl })).catch(absent);
}

async function clearAbandoned(connection: Connection, nowEpochMs: number): Promise<void> {
  const { eventBridge, sqs, names, environment } = connection;
  const { Rules = [] } = await eventBridge.send(
    new ListRulesCommand({ EventBusName: names.bus, NamePrefix: `${PREFIX}${environment}-` }),
  );
  for (const { Name: name = '' } of Rules) {
    const madeAt = Number(name.split('-').at(-2));
    if (!(madeAt < nowEpochMs / 1000 - ABANDONED_AFTER_SECONDS)) continue;
    const url = await sqs.send(new GetQueueUrlCommand({ QueueName: name })).then(
      (answer) => answer.QueueUrl,
      () => undefined,
    );
    await remove(connection, name, url);
  }
}
