import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';

/** An item that was put on the registry table for the first time, as its stream tells it. */
export interface InsertedItem {
  readonly sequenceNumber: string;
  readonly entity: string;
  readonly body: unknown;
}

/** The inserts of a batch, in order. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html */
export const insertedItems = ({ Records }: DynamoDBStreamEvent): InsertedItem[] =>
  Records.filter(({ eventName }) => eventName === 'INSERT').map(({ dynamodb }) => {
    const { entity, body } = unmarshall((dynamodb?.NewImage ?? {}) as Record<string, AttributeValue>);
    return { sequenceNumber: dynamodb?.SequenceNumber ?? '', entity: String(entity), body: body as unknown };
  });
