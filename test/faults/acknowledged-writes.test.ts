import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { DEV, startTestRuntime } from '../../local/server/test-runtime.ts';

/** Kills the process without warning once it has acknowledged that many writes; gives their names. */
async function killAfter(child: ChildProcess, acknowledgements: number): Promise<readonly string[]> {
  const names: string[] = [];
  const exited = new Promise((resolve) => child.once('exit', resolve));
  if (!child.stdout) throw new Error('The writer has no output.');
  for await (const line of createInterface({ input: child.stdout })) {
    names.push(line);
    if (names.length === acknowledgements) child.kill('SIGKILL');
  }
  await exited;
  return names;
}

test('after kill -9 every acknowledged object and item is there and whole, and nothing is there in part', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
  const acknowledged: string[] = [];
  for (const writes of [5, 11]) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'acknowledging-writer.ts'), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    acknowledged.push(...(await killAfter(child, writes)));
  }

  const runtime = await startTestRuntime({ directory });
  const s3 = new S3Client(runtime.client(DEV));
  const dynamoDb = new DynamoDBClient(runtime.client(DEV));
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'crash' }));
  expect(Versions.map(({ Key }) => Key)).toEqual(expect.arrayContaining(acknowledged));
  for (const { Key, VersionId, Size } of Versions) {
    // The SDK fails here if the bytes are not those of the checksum that was stored.
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'crash', Key, VersionId, ChecksumMode: 'ENABLED' }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect(bytes.length).toBe(Size);
    expect(bytes.subarray(0, Key?.length).toString()).toBe(Key);
  }
  expect(readdirSync(join(directory, DEV, 's3-objects'))).toHaveLength(Versions.length);

  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: 'crash' }));
  expect(Items.map(({ pk }) => pk?.S)).toEqual(expect.arrayContaining(acknowledged));
  await runtime.dispose();
});
