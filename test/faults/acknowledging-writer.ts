/**
 * For crash.test.ts: starts a runtime on the directory given, then writes objects and items as fast as it can and prints each
 * name when its write was acknowledged, until it is killed.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DEV, startTestRuntime } from '../../local/server/test-runtime.ts';

const runtime = await startTestRuntime({ directory: process.argv[2] as string });
const s3 = new S3Client(runtime.client(DEV));
const dynamoDb = new DynamoDBClient(runtime.client(DEV));
await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'crash', VersioningConfiguration: { Status: 'Enabled' } });
await runtime.put(DEV, 'AWS::DynamoDB::Table', {
  TableName: 'crash',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
});

const writer = async (name: string): Promise<never> => {
  for (let at = 0; ; at++) {
    const pk = `${name}-${at}`;
    const Body = Buffer.concat([Buffer.from(pk), randomBytes(200_000)]);
    await s3.send(new PutObjectCommand({ Bucket: 'crash', Key: pk, Body }));
    await dynamoDb.send(new PutItemCommand({ TableName: 'crash', Item: { pk: { S: pk } } }));
    writeSync(1, `${pk}\n`);
  }
};
await Promise.all(['a', 'b', 'c'].map(writer));
