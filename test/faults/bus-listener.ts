import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Connection } from '../../cli/target/connection.ts';

/** A subscriber as README.md shows one: a rule on the bus and a queue. Hears of everything that Sluice tells in an environment. */
export interface BusListener {
  /** The ids of the facts that came, as often as they came. Takes them off the queue. */
  heard(): Promise<string[]>;
}

export async function listenTo({ sqs, eventBridge, names, region, accountId }: Connection): Promise<BusListener> {
  const name = 'a-subscriber';
  const arn = `arn:aws:sqs:${region}:${accountId}:${name}`;
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn },
    ],
  };
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { Policy: JSON.stringify(policy) } }),
  );
  const rule = { EventBusName: names.bus, EventPattern: '{"source": ["sluice"]}' };
  await eventBridge.send(new PutRuleCommand({ Name: name, ...rule }));
  await eventBridge.send(
    new PutTargetsCommand({ EventBusName: names.bus, Rule: name, Targets: [{ Id: 'queue', Arn: arn }] }),
  );
  return {
    async heard() {
      const ids: string[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return ids;
        for (const { Body = '' } of Messages) {
          ids.push((JSON.parse(Body) as { detail: { metadata: { id: string } } }).detail.metadata.id);
        }
        const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
  };
}
