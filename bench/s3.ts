import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Report } from './bench.ts';
import { withBenchDirectory } from './bench-directory.ts';
import { inFlight } from './in-flight.ts';
import { machine, round } from './machine.ts';
import { type BenchResource, startRuntimeThread } from './runtime-thread.ts';

const Bucket = 'bench';
const SMALL_OBJECTS = 1000;
const WARM_UP = 300;
const SMALL = Buffer.alloc(1024, 'x');
const LARGE = Buffer.alloc(100_000_000, 'x');
const LARGE_ROUNDS = 5;

const bucket: BenchResource = { type: 'AWS::S3::Bucket', logicalId: 'Bucket', properties: { BucketName: Bucket } };

/**
 * Objects of 1 KiB and of 100 MB over the wire through the SDK, which signs and checks them; each put is on disk before it is answered. Beside
 * them the disk alone: a file made, written and synced for each object.
 */
export const bench = (): Promise<Report> =>
  withBenchDirectory(async (directory) => {
    const runtime = await startRuntimeThread({ directory, resources: [bucket] });
    const client = new S3Client({ ...runtime, forcePathStyle: true });
    const put = (Key: string, Body: Buffer) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
    const get = async (Key: string) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToByteArray())?.length;
    };
    try {
      await inFlight(WARM_UP, 20, (index) => put(`warm/${index}`, SMALL));
      await inFlight(WARM_UP, 20, (index) => get(`warm/${index}`));
      const rows: Record<string, string | number>[] = [];
      for (const lanes of [1, 20]) {
        const key = (index: number) => `${lanes}/${index}`;
        const puts = await inFlight(SMALL_OBJECTS, lanes, (index) => put(key(index), SMALL));
        const gets = await inFlight(SMALL_OBJECTS, lanes, (index) => get(key(index)));
        rows.push({ operation: 'PutObject 1 KiB', inFlight: lanes, ...puts });
        rows.push({ operation: 'GetObject 1 KiB', inFlight: lanes, ...gets });
      }
      const putMs = await best(() => put('large', LARGE));
      const getMs = await best(() => get('large'));
      const [diskMs, syncsPerSecond] = [best(() => writeSynced(directory, LARGE)), smallFloor(directory)];
      return {
        bench: 's3',
        machine: machine(),
        rows,
        summary: {
          objects: SMALL_OBJECTS,
          floorFilesPerSecond: syncsPerSecond,
          put100MbMegabytesPerSecond: megabytesPerSecond(putMs),
          get100MbMegabytesPerSecond: megabytesPerSecond(getMs),
          floor100MbMegabytesPerSecond: megabytesPerSecond(await diskMs),
        },
      };
    } finally {
      client.destroy();
      await runtime.stop();
    }
  });

const megabytesPerSecond = (ms: number): number => round(LARGE.length / 1000 / ms, 0);

async function best(run: () => unknown): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let count = 0; count < LARGE_ROUNDS; count++) {
    const beganMs = performance.now();
    await run();
    leastMs = Math.min(leastMs, performance.now() - beganMs);
  }
  return leastMs;
}

function writeSynced(directory: string, bytes: Buffer, name = 'floor'): void {
  const descriptor = openSync(join(directory, name), 'w');
  for (let at = 0; at < bytes.length; at += 1 << 20) writeSync(descriptor, bytes.subarray(at, at + (1 << 20)));
  fdatasyncSync(descriptor);
  closeSync(descriptor);
}

/** What the disk alone does, one file after the other. */
function smallFloor(directory: string): number {
  const beganMs = performance.now();
  for (let count = 0; count < SMALL_OBJECTS; count++) writeSynced(directory, SMALL, `floor-${count}`);
  return Math.round((SMALL_OBJECTS / (performance.now() - beganMs)) * 1000);
}
