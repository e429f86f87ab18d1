import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { problemsOfRace, type Racer } from './first-of-many.ts';
import { again, type Load, type LoadContext } from './load.ts';
import { BUCKET, TABLE } from './stack.ts';

const RACERS = ['red', 'green', 'blue'];
const READ_AT_ONCE = 8;

/** How something is written that must not be there yet, and read. */
interface Course {
  readonly refusals: readonly string[];
  write(name: string, content: string): Promise<unknown>;
  read(name: string): Promise<string | undefined>;
}

/** Everybody wants to be the first, over and over. */
function races(context: LoadContext, course: Course): Load {
  const { caller, tell } = context;
  const run = new Map<string, readonly Racer[]>();

  async function race(): Promise<void> {
    const name = `${context.name}/${run.size + 1}`;
    const racers = await Promise.all(
      RACERS.map(async (content) => {
        const { fate } = await caller.attempt(() => course.write(name, content), course.refusals);
        return { content, fate };
      }),
    );
    run.set(name, racers);
  }

  return {
    run: () => again(context, 150, race),
    async check() {
      const left = [...run];
      while (left.length > 0) {
        const some = left.splice(0, READ_AT_ONCE);
        await Promise.all(
          some.map(async ([name, racers]) => problemsOfRace(name, racers, await course.read(name)).forEach(tell)),
        );
      }
    },
  };
}

/** `If-None-Match: *` */
export const objectRaces = (context: LoadContext): Load =>
  races(context, {
    refusals: ['PreconditionFailed', 'ConditionalRequestConflict'],
    write: (Key, Body) => context.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, IfNoneMatch: '*' })),
    async read(Key) {
      try {
        const { Body } = await context.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
        return await Body?.transformToString();
      } catch (error) {
        if ((error as Error).name !== 'NoSuchKey') throw error;
        return undefined;
      }
    },
  });

/** `attribute_not_exists` */
export const itemRaces = (context: LoadContext): Load =>
  races(context, {
    refusals: ['ConditionalCheckFailedException'],
    write: (name, content) =>
      context.dynamoDb.send(
        new PutItemCommand({
          TableName: TABLE,
          Item: { pk: { S: name }, content: { S: content } },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      ),
    async read(name) {
      const { Item } = await context.dynamoDb.send(
        new GetItemCommand({ TableName: TABLE, Key: { pk: { S: name } }, ConsistentRead: true }),
      );
      return Item?.content?.S;
    },
  });
