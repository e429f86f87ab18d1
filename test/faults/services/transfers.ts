import {
  type AttributeValue,
  PutItemCommand,
  paginateScan,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { again, type Load, type LoadContext } from './load.ts';
import type { Fate } from './possible-states.ts';
import { TABLE } from './stack.ts';

const ACCOUNTS = ['p', 'q', 'r', 's'];
const FIRST_BALANCE = 1000;
const MOST_MOVED = 40;
const TELLERS = 3;

export interface Transfer {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/** Tellers who move amounts between the same accounts: each time the two balances and the transfer's own item, or nothing. */
export function transfers(context: LoadContext): Load {
  const { dynamoDb, caller, random, name, tell } = context;
  const TableName = TABLE;
  const fates = new Map<string, Fate>();
  const keyOf = (account: string) => ({ pk: { S: `${name}/${account}` } });

  async function open(): Promise<void> {
    for (const account of ACCOUNTS) {
      const Item = { ...keyOf(account), balance: { N: String(FIRST_BALANCE) } };
      await caller.insist(() => dynamoDb.send(new PutItemCommand({ TableName, Item })));
    }
  }

  async function move(): Promise<void> {
    const from = random.below(ACCOUNTS.length);
    const to = (from + 1 + random.below(ACCOUNTS.length - 1)) % ACCOUNTS.length;
    const amount = 1 + random.below(MOST_MOVED);
    const id = `${name}/transfer-${fates.size + 1}`;
    fates.set(id, 'unknown');
    const add = (account: number, by: number, condition: string) => ({
      Update: {
        TableName,
        Key: keyOf(ACCOUNTS[account] as string),
        UpdateExpression: 'SET balance = balance + :by',
        ConditionExpression: condition,
        ExpressionAttributeValues: {
          ':by': { N: String(by) },
          ...(by < 0 ? { ':least': { N: String(-by) } } : {}),
        },
      },
    });
    const record = { from: { N: String(from) }, to: { N: String(to) }, amount: { N: String(amount) } };
    const request = new TransactWriteItemsCommand({
      TransactItems: [
        add(from, -amount, 'balance >= :least'),
        add(to, amount, 'attribute_exists(pk)'),
        { Put: { TableName, Item: { pk: { S: id }, ...record } } },
      ],
    });
    const { fate } = await caller.attempt(() => dynamoDb.send(request), ['TransactionCanceledException']);
    fates.set(id, fate);
    if (random.next() < 0.2) await sum();
  }

  async function sum(): Promise<void> {
    const TransactItems = ACCOUNTS.map((account) => ({ Get: { TableName, Key: keyOf(account) } }));
    const { Responses = [] } = await caller.insist(() => dynamoDb.send(new TransactGetItemsCommand({ TransactItems })));
    const total = Responses.reduce((left, { Item }) => left + Number(Item?.balance?.N), 0);
    if (total !== ACCOUNTS.length * FIRST_BALANCE) tell(`${name}: the balances add up to ${total}`);
  }

  return {
    async run() {
      await open();
      await Promise.all(Array.from({ length: TELLERS }, () => again(context, 60, move)));
    },
    async check() {
      await sum();
      const balances = new Map<string, number>();
      const kept: Transfer[] = [];
      const mine = {
        TableName,
        FilterExpression: 'begins_with(pk, :mine)',
        ExpressionAttributeValues: { ':mine': { S: `${name}/` } },
      };
      for await (const { Items = [] } of paginateScan({ client: dynamoDb }, mine)) {
        for (const item of Items) {
          const id = item.pk?.S as string;
          if (item.balance) balances.set(id.slice(name.length + 1), Number(item.balance.N));
          else kept.push(asTransfer(id, item));
        }
      }
      for (const problem of problemsOfTransfers(fates, kept, balances)) tell(problem);
    },
  };
}

const asTransfer = (id: string, { from, to, amount }: Record<string, AttributeValue>): Transfer => ({
  id,
  from: ACCOUNTS[Number(from?.N)] as string,
  to: ACCOUNTS[Number(to?.N)] as string,
  amount: Number(amount?.N),
});

/** What is wrong: an acknowledged transfer is kept, a refused one is not, and the balances are what the transfers that are kept make of them. */
export function problemsOfTransfers(
  fates: ReadonlyMap<string, Fate>,
  kept: readonly Transfer[],
  balances: ReadonlyMap<string, number>,
): string[] {
  const problems: string[] = [];
  const ids = new Set(kept.map(({ id }) => id));
  for (const [id, fate] of fates)
    if (fate !== 'unknown' && ids.has(id) !== (fate === 'acknowledged'))
      problems.push(`${id} was ${fate}, and is ${ids.has(id) ? '' : 'not '}there`);
  for (const id of ids) if (!fates.has(id)) problems.push(`${id} is there, and nobody asked for it`);
  for (const account of ACCOUNTS) {
    const moved = kept.reduce(
      (left, { from, to, amount }) => left + (to === account ? amount : 0) - (from === account ? amount : 0),
      FIRST_BALANCE,
    );
    if (balances.get(account) !== moved)
      problems.push(`the account ${account} has ${balances.get(account)}, and its transfers make ${moved}`);
  }
  return problems;
}
