import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { patiently } from '../patiently.ts';
import type { Outcome } from './caller.ts';
import { again, type Load, type LoadContext } from './load.ts';
import { PossibleStates } from './possible-states.ts';
import { TABLE } from './stack.ts';
import { type Change, problemsOfChanges } from './told-changes.ts';

/** Versions by key; an item that is not there has none. */
type Items = Readonly<Record<string, number>>;

const NAMES = ['a', 'b', 'c'];
const GROUPS = 4;
/** Some items are larger than a page of the store's file. */
const TEXTS = ['short', 'long '.repeat(1500)];
/** A bound for something that went wrong, not a wait. */
const LONGEST_STREAM_MS = 60_000;

/** Puts, updates, deletes and transacts over its own items, and reads them back; afterwards their stream must have told all of it. */
export function itemWriter(context: LoadContext): Load {
  const { dynamoDb, caller, random, name: writer, tell } = context;
  const items = new PossibleStates<Items>({});
  const acknowledged: Change[] = [];
  const TableName = TABLE;
  const keyOf = (name: string) => ({ pk: { S: `${writer}/${name}` } });
  const anyName = () => NAMES[random.below(NAMES.length)] as string;
  let version = 0;

  const attributes = () => ({
    version: { N: String(version) },
    group: { S: groupOf(version) },
    text: { S: TEXTS[random.below(TEXTS.length)] as string },
  });

  function happened(what: string, outcome: Outcome<unknown>, step: (before: Items) => Items | undefined) {
    const problem = items.after(outcome.fate, step);
    tell(problem && `${writer}: ${what}: ${problem}`);
  }

  function wrote(what: string, outcome: Outcome<unknown>, names: readonly string[], only = (_: Items) => true) {
    const written = Object.fromEntries(names.map((name) => [name, version]));
    happened(what, outcome, (before) => (only(before) ? { ...before, ...written } : undefined));
    if (outcome.fate === 'acknowledged')
      acknowledged.push(...names.map((name) => ({ key: keyOf(name).pk.S, version })));
  }

  async function put(name: string): Promise<void> {
    version++;
    const request = new PutItemCommand({ TableName, Item: { ...keyOf(name), ...attributes() } });
    wrote(`PutItem of ${name}`, await caller.attempt(() => dynamoDb.send(request)), [name]);
  }

  /** Of an item that is there. */
  async function update(name: string): Promise<void> {
    version++;
    const { group } = attributes();
    const request = new UpdateItemCommand({
      TableName,
      Key: keyOf(name),
      UpdateExpression: 'SET #version = :version, #group = :group',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#version': 'version', '#group': 'group' },
      ExpressionAttributeValues: { ':version': { N: String(version) }, ':group': group },
    });
    const outcome = await caller.attempt(() => dynamoDb.send(request), ['ConditionalCheckFailedException']);
    wrote(`UpdateItem of ${name}`, outcome, [name], (before) => name in before);
  }

  /** One item where another one is there, and that one as well: both or none. */
  async function both(first: string, second: string): Promise<void> {
    version++;
    const there = { TableName, ConditionExpression: 'attribute_exists(pk)' };
    const request = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: { ...keyOf(first), ...attributes() } } },
        { Put: { ...there, Item: { ...keyOf(second), ...attributes() } } },
      ],
    });
    const outcome = await caller.attempt(() => dynamoDb.send(request), ['TransactionCanceledException']);
    wrote(`TransactWriteItems of ${first} and ${second}`, outcome, [first, second], (before) => second in before);
  }

  async function remove(name: string): Promise<void> {
    const outcome = await caller.attempt(() => dynamoDb.send(new DeleteItemCommand({ TableName, Key: keyOf(name) })));
    happened(`DeleteItem of ${name}`, outcome, (before) => without(before, name));
  }

  async function look(name: string): Promise<void> {
    const request = new GetItemCommand({ TableName, Key: keyOf(name), ConsistentRead: true });
    const { Item } = await caller.insist(() => dynamoDb.send(request));
    const found = Item && Number(Item.version?.N);
    if (found !== undefined && Item?.group?.S !== groupOf(found)) tell(`${writer}/${name} is a mix of two versions`);
    const problem = items.saw(
      `${name} with ${found}`,
      (state) => state[name] === found,
      (state) => (found === undefined ? without(state, name) : { ...state, [name]: found }),
    );
    tell(problem && `${writer}: ${problem}`);
  }

  async function turn(): Promise<void> {
    const kind = random.next();
    const name = anyName();
    if (kind < 0.3) await put(name);
    else if (kind < 0.5) await update(name);
    else if (kind < 0.6) await remove(name);
    else if (kind < 0.8) {
      const other = anyName();
      if (other !== name) await both(name, other);
    } else await look(name);
    if (items.all.length > 1 && random.next() < 0.5) for (const one of NAMES) await look(one);
  }

  return {
    run: () => again(context, 30, turn),
    async check() {
      for (const name of NAMES) await look(name);
      const told = () => context.records<Change>('changes').filter(({ key }) => key.startsWith(`${writer}/`));
      await patiently(
        'every acknowledged change',
        async () => problemsOfChanges(acknowledged, told()).length === 0 || undefined,
        LONGEST_STREAM_MS,
      ).catch(() => {});
      for (const problem of problemsOfChanges(acknowledged, told())) tell(problem);
    },
  };
}

/** Follows from the version: an item whose group is another one is a mix. */
const groupOf = (version: number): string => `group-${version % GROUPS}`;
export const groups: readonly string[] = Array.from({ length: GROUPS }, (_, at) => groupOf(at));

const without = (items: Items, name: string): Items =>
  Object.fromEntries(Object.entries(items).filter(([key]) => key !== name));
