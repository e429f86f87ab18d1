import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { seededRandom } from '../../../ml/seeded-random.ts';
import { killAtRandom } from '../kill-at-random.ts';
import { type KilledRuntime, openKilledRuntime } from '../killed-runtime.ts';
import { askedFunctions } from './asked-functions.ts';
import { Caller } from './caller.ts';
import { counters } from './counters.ts';
import { events } from './events.ts';
import { openFlakyListener } from './flaky-listener.ts';
import { indexAgrees } from './index-agrees.ts';
import { itemWriter } from './item-writer.ts';
import type { Clients, Load, LoadContext } from './load.ts';
import { messages } from './messages.ts';
import { objectWriter } from './object-writer.ts';
import { itemRaces, objectRaces } from './races.ts';
import { sealedTexts } from './sealed-texts.ts';
import { template } from './stack.ts';
import { transfers } from './transfers.ts';
import { versionWriter } from './version-writer.ts';

export interface ServicesCrashReport {
  readonly seed: number;
  readonly kills: readonly string[];
  /** Empty when every law holds. */
  readonly problems: readonly string[];
  readonly seconds: number;
  /** Requests that were answered, refused as they should be, and cut off by a kill. Reads that were asked again do not count. */
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** The folder of the runtime, kept where something is wrong. */
  readonly home: string | null;
  readonly log: string | null;
}

const LOADS: Readonly<Record<string, (context: LoadContext) => Load>> = {
  'objects-1': objectWriter,
  'objects-2': objectWriter,
  versions: versionWriter,
  'object-races': objectRaces,
  'items-1': itemWriter,
  'items-2': itemWriter,
  index: indexAgrees,
  'item-races': itemRaces,
  transfers,
  counters,
  messages,
  events,
  functions: askedFunctions,
  texts: sealedTexts,
};
/** Of one seed every load has random numbers of its own. */
const SEEDS_APART = 1000;
const MOST_PROBLEMS = 50;

/** A mixed load on the services, over a runtime that is killed so many times, at instants that follow from the seed. */
export async function servicesCrashRun(
  seed: number,
  kills: number,
  onKill: (text: string) => void = () => {},
): Promise<ServicesCrashReport> {
  const startedMs = performance.now();
  const listener = await openFlakyListener(seededRandom(seed * SEEDS_APART - 1));
  const runtime = await openKilledRuntime('services', (records) => template(records, listener.url));
  const clients = clientsOf(runtime);
  const caller = new Caller();
  const problems: string[] = [];
  const done: string[] = [];
  let going = true;
  const contextOf = (name: string, at: number): LoadContext => ({
    ...clients,
    name,
    listener,
    caller,
    records: runtime.records,
    random: seededRandom(seed * SEEDS_APART + at),
    going: () => going,
    tell: (problem) => {
      if (problem !== undefined) problems.push(problem);
    },
  });
  const loads = Object.entries(LOADS).map(([name, load], at) => load(contextOf(name, at)));
  try {
    await runtime.start();
    const atWork = Promise.all(loads.map((load) => load.run()));
    const hear = (kill: string) => {
      done.push(kill);
      onKill(kill);
    };
    await killAtRandom(runtime, { seed, kills, hear }, atWork);
    going = false;
    await atWork;
    // What is looked at is what is on the disk, not what the last process remembers.
    await runtime.kill();
    await runtime.start();
    listener.calm();
    await Promise.all(loads.map((load) => load.check()));
  } catch (error) {
    problems.push(`the run did not come to its end: ${error instanceof Error ? error.stack : error}`);
  }
  going = false;
  await runtime.end();
  listener.close();
  for (const { destroy } of clientsIn(clients)) destroy();
  const log = problems.length > 0 ? runtime.log() : null;
  if (problems.length === 0) runtime.remove();
  return {
    seed,
    kills: done,
    problems: firstOf(problems),
    seconds: (performance.now() - startedMs) / 1000,
    ...caller.count,
    home: problems.length > 0 ? runtime.folder : null,
    log,
  };
}

function clientsOf({ clientConfig }: KilledRuntime): Clients {
  return {
    endpoint: clientConfig.endpoint,
    s3: new S3Client({ ...clientConfig, forcePathStyle: true }),
    dynamoDb: new DynamoDBClient(clientConfig),
    sqs: new SQSClient(clientConfig),
    eventBridge: new EventBridgeClient(clientConfig),
    lambda: new LambdaClient(clientConfig),
    kms: new KMSClient(clientConfig),
  };
}

const clientsIn = ({ s3, dynamoDb, sqs, eventBridge, lambda, kms }: Clients): readonly { destroy(): void }[] =>
  [s3, dynamoDb, sqs, eventBridge, lambda, kms].map((client) => ({ destroy: () => client.destroy() }));

const firstOf = (problems: readonly string[]): readonly string[] =>
  problems.length <= MOST_PROBLEMS
    ? problems
    : [...problems.slice(0, MOST_PROBLEMS), `and ${problems.length - MOST_PROBLEMS} more`];
