import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SeededRandom } from '../../../ml/seeded-random.ts';
import type { KilledRuntime } from '../killed-runtime.ts';
import { type Caller, pause } from './caller.ts';
import type { FlakyListener } from './flaky-listener.ts';

export interface Clients {
  readonly endpoint: string;
  readonly s3: S3Client;
  readonly dynamoDb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly eventBridge: EventBridgeClient;
  readonly lambda: LambdaClient;
  readonly kms: KMSClient;
}

/** What everybody who works while the runtime is killed has. */
export interface LoadContext extends Clients, Pick<KilledRuntime, 'records'> {
  /** Names it, and what belongs to it. */
  readonly name: string;
  readonly listener: FlakyListener;
  readonly caller: Caller;
  readonly random: SeededRandom;
  /** Whether there is more to be done. */
  going(): boolean;
  /** Tells a broken law; undefined is none. */
  tell(problem: string | undefined): void;
}

/** Somebody who works, and knows what must be there afterwards. */
export interface Load {
  /** Works as long as there is more to be done. Rejects on an answer that must not be. */
  run(): Promise<void>;
  /** After the last start, when nobody works any more. */
  check(): Promise<void>;
}

/** Does one thing after the other, with a pause that leaves time to the others. */
export async function again({ going, random }: LoadContext, longestPauseMs: number, turn: () => Promise<void>) {
  while (going()) {
    await turn();
    await pause(random.below(longestPauseMs));
  }
}
