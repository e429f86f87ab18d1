import { GetItemCommand, TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { again, type Load, type LoadContext } from './load.ts';
import { TABLE } from './stack.ts';

const COUNTING = 3;

/** Counts on one item from several sides. What nobody knows of may have been counted; what has a token of its own is counted once. */
export function counters(context: LoadContext): Load {
  const { dynamoDb, caller, name, tell } = context;
  const counted = { acknowledged: 0, unknown: 0, refused: 0, byToken: 0 };
  const one = (counter: string) => ({
    TableName: TABLE,
    Key: { pk: { S: `${name}/${counter}` } },
    UpdateExpression: 'ADD hits :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });

  async function count(): Promise<void> {
    const { fate } = await caller.attempt(() => dynamoDb.send(new UpdateItemCommand(one('plain'))));
    counted[fate]++;
  }

  /** Asked until it is answered, under one token: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
  async function countByToken(): Promise<void> {
    const ClientRequestToken = `${name}-${counted.byToken + 1}`;
    const request = { TransactItems: [{ Update: one('by-token') }], ClientRequestToken };
    await caller.insist(() => dynamoDb.send(new TransactWriteItemsCommand(request)));
    counted.byToken++;
  }

  async function read(counter: string): Promise<number> {
    const { TableName, Key } = one(counter);
    const { Item } = await dynamoDb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Number(Item?.hits?.N ?? 0);
  }

  return {
    async run() {
      await Promise.all([
        ...Array.from({ length: COUNTING }, () => again(context, 60, count)),
        again(context, 60, countByToken),
      ]);
    },
    async check() {
      tell(problemOfCount('the counter', await read('plain'), counted));
      const exactly = { acknowledged: counted.byToken, unknown: 0 };
      tell(problemOfCount('the counter with a token', await read('by-token'), exactly));
    },
  };
}

export const problemOfCount = (
  what: string,
  value: number,
  { acknowledged, unknown }: { readonly acknowledged: number; readonly unknown: number },
): string | undefined =>
  value >= acknowledged && value <= acknowledged + unknown
    ? undefined
    : `${what} is at ${value}, after ${acknowledged} that were acknowledged and ${unknown} that nobody knows of`;
