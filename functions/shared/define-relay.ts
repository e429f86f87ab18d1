import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { logError } from './log-error.ts';

export interface RelayDefinition<Item> {
  readonly read: (event: DynamoDBStreamEvent) => readonly Item[];
  readonly run: (items: readonly Item[]) => Promise<{ failedFrom: string | null; reason: string | null }>;
}

/**
 * The handler of a DynamoDB stream that reports the first record that failed: that one and those after it come again, in order.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export const defineRelay = <Item>({ read, run }: RelayDefinition<Item>) =>
  middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async (event) => {
    const { failedFrom, reason } = await run(read(event));
    if (failedFrom === null) return { batchItemFailures: [] };
    logError(new Error(`the bus did not take a fact: ${reason}`), failedFrom);
    return { batchItemFailures: [{ itemIdentifier: failedFrom }] };
  });
