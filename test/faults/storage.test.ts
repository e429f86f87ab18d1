import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { quietPort, spawnRuntime } from './runtime-child.ts';

const ACCOUNT = '111111111111';
const said: string[] = [];

const start = (directory: string): Promise<Runtime> =>
  startRuntime({
    directory,
    port: 0,
    accounts: [{ accountId: ACCOUNT, name: 'one' }],
    region: 'eu-west-1',
    log: (level, message, fields) => said.push(`${level} ${message} ${JSON.stringify(fields)}`),
  });

let folder: string;
let running: Runtime | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-storage-'));
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder in which a runtime has been, and its store's file. */
async function usedFolder(name: string): Promise<{ directory: string; store: string }> {
  const directory = join(folder, name);
  await (await start(directory)).stop();
  return { directory, store: join(directory, ACCOUNT, 'store.db') };
}

describe('a store that something else has written into', () => {
  test.each([
    { case: 'is no database', damage: (): Buffer => Buffer.from('not a database, not in the least. '.repeat(200)) },
    { case: 'has other bytes in its middle', damage: (whole: Buffer) => whole.fill(0xab, 4096, 40_960) },
    { case: 'breaks off half-way', damage: (whole: Buffer) => whole.subarray(0, whole.length / 2) },
  ])('that $case is refused, with its folder and what to do, and is left as it is', async ({ case: name, damage }) => {
    const { directory, store } = await usedFolder(name.replaceAll(' ', '-'));
    const damaged = Buffer.from(damage(readFileSync(store)));
    writeFileSync(store, damaged);
    // Twice: the first refusal must not hold the file.
    for (let time = 0; time < 2; time++) {
      await expect(start(directory)).rejects.toThrow(
        new RegExp(`cannot use ${directory}: it is damaged.*put back a copy`),
      );
    }
    expect(readFileSync(store).equals(damaged)).toBe(true);
  });
});

test('a file where the folder has to be is refused by name', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  await expect(start(file)).rejects.toThrow(`cannot use ${file}: a file is where a folder has to be`);
});

test('a second runtime on the folder is refused, and the first goes on', async () => {
  const directory = join(folder, 'shared');
  running = await start(directory);
  const logFile = join(folder, 'second.log');
  const second = spawnRuntime({ home: directory, port: await quietPort(), logFile });
  await expect(second.ready).rejects.toThrow(
    `Another local runtime is using ${directory} (see runtime.json there). Stop it first, or choose another directory.`,
  );
  await second.ended;
  expect(second.process.exitCode).toBe(1);
  const { s3 } = clients(running);
  await s3.send(new CreateBucketCommand({ Bucket: 'still-there' }));
  // The one that was refused has not overwritten how the first is found.
  expect(JSON.parse(readFileSync(join(directory, 'runtime.json'), 'utf8'))).toMatchObject({ url: running.url });
}, 60_000);

function clients({ url, adminCredentials }: Runtime) {
  const settings = { endpoint: url, region: 'eu-west-1', credentials: adminCredentials(ACCOUNT), maxAttempts: 1 };
  return { s3: new S3Client({ ...settings, forcePathStyle: true }), dynamo: new DynamoDBClient(settings) };
}

/** Why a small disk of one's own cannot be had here; null where it can. */
function noMount(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a small disk takes root on Linux';
  const probe = mkdtempSync(join(tmpdir(), 'sluice-mount-'));
  try {
    mount(probe, 'size=64k');
    execFileSync('umount', [probe]);
    return null;
  } catch (error) {
    return `this machine does not let a disk be mounted: ${String(error).split('\n')[0]}`;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

const mount = (directory: string, options: string): void => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', directory], { stdio: 'pipe' });
};

const reason = noMount();

describe.skipIf(reason !== null)(`a disk of its own${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let disk: string;

  beforeAll(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
    mount(disk, 'size=4m');
  });

  afterAll(() => {
    execFileSync('umount', [disk], { stdio: 'pipe' });
  });

  const remount = (options: string) => execFileSync('mount', ['-o', `remount,${options}`, disk], { stdio: 'pipe' });

  test('that cannot be written is refused at the start', async () => {
    remount('ro');
    await expect(start(disk)).rejects.toThrow(`cannot use ${disk}: it cannot be written: choose another folder`);
    remount('rw');
  });

  test('that is full at the start is refused', async () => {
    remount('size=16k');
    await expect(start(disk)).rejects.toThrow(`cannot use ${disk}: there is no room left on its disk`);
    remount('size=4m');
    rmSync(join(disk, ACCOUNT), { recursive: true, force: true });
  });

  test('that fills up while it runs acknowledges nothing more, says why, loses nothing, and goes on when there is room', async () => {
    running = await start(disk);
    const { s3, dynamo } = clients(running);
    const Bucket = 'filling';
    await s3.send(new CreateBucketCommand({ Bucket }));
    await dynamo.send(
      new CreateTableCommand({
        TableName: 'filling',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
    const putObject = (index: number, bytes: number) =>
      s3.send(new PutObjectCommand({ Bucket, Key: `object-${index}`, Body: String(index % 10).repeat(bytes) }));
    const putItem = (index: number) =>
      dynamo.send(
        new PutItemCommand({
          TableName: 'filling',
          Item: { pk: { S: `item-${index}` }, text: { S: 'x'.repeat(4000) } },
        }),
      );

    const objects = await untilRefused((index) => putObject(index, 150_000));
    expect(objects.error.message).toContain('there is no room left on its disk: free some');
    expect(objects.acknowledged).toBeGreaterThan(2);
    const items = await untilRefused(putItem);
    expect(items.error.message).toContain('there is no room left on its disk: free some');
    expect(said.join('\n')).toMatch(/ENOSPC|disk is full/);

    remount('size=8m');
    await putObject(objects.acknowledged, 150_000);
    await putItem(items.acknowledged);
    await running.stop();

    running = await start(disk);
    const after = clients(running);
    const { Contents = [] } = await after.s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key).sort()).toEqual(
      Array.from({ length: objects.acknowledged + 1 }, (_, index) => `object-${index}`).sort(),
    );
    for (let index = 0; index <= objects.acknowledged; index++) {
      const { Body } = await after.s3.send(new GetObjectCommand({ Bucket, Key: `object-${index}` }));
      expect(await Body?.transformToString()).toBe(String(index % 10).repeat(150_000));
    }
    const { Items = [] } = await after.dynamo.send(new ScanCommand({ TableName: 'filling' }));
    expect(Items.map(({ pk }) => pk?.S).sort()).toEqual(
      Array.from({ length: items.acknowledged + 1 }, (_, index) => `item-${index}`).sort(),
    );
    expect(statSync(join(disk, ACCOUNT, 'store.db')).size).toBeGreaterThan(0);
  }, 60_000);
});

/** Does it again and again, the same one never twice, until it is refused. */
async function untilRefused(act: (index: number) => Promise<unknown>): Promise<{ acknowledged: number; error: Error }> {
  for (let acknowledged = 0; acknowledged < 5000; acknowledged++) {
    try {
      await act(acknowledged);
    } catch (error) {
      return { acknowledged, error: error as Error };
    }
  }
  throw new Error('the disk did not fill up');
}
