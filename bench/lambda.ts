import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import type { Report } from './bench.ts';
import { withBenchDirectory } from './bench-directory.ts';
import { inFlight } from './in-flight.ts';
import { machine, median, round } from './machine.ts';
import { ACCOUNT, type BenchResource, REGION, startRuntimeThread } from './runtime-thread.ts';

const COLD = 15;
const WARM = 1000;
const CODE = 'export const handler = async (event) => ({ rows: event.rows.length, text: JSON.stringify(event) });';
const EVENT = JSON.stringify({ rows: Array.from({ length: 20 }, (_, row) => ({ row, name: `row ${row}` })) });
const THREAD = `import { parentPort } from 'node:worker_threads';
const { handler } = await import(new URL('index.mjs', import.meta.url).href);
parentPort.on('message', async (event) => parentPort.postMessage(JSON.stringify(await handler(JSON.parse(event)))));
parentPort.postMessage('ready');`;

const nameOf = (index: number): string => `cold-${index}`;

const role: BenchResource = {
  type: 'AWS::IAM::Role',
  logicalId: 'Role',
  properties: {
    RoleName: 'bench',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  },
};

const functionOf = (name: string): BenchResource => ({
  type: 'AWS::Lambda::Function',
  logicalId: name,
  properties: {
    FunctionName: name,
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: `arn:aws:iam::${ACCOUNT}:role/bench`,
    MemorySize: 256,
    Code: { S3Bucket: 'b', S3Key: 'code.zip' },
  },
  artifacts: { 'code.zip': zipSync({ 'index.mjs': strToU8(CODE) }) },
});

/**
 * Invocations of a small handler over the wire through the SDK: cold (a function that was never called), warm, warm 20 at a time; beside
 * the same handler called in this process and in a bare worker thread, which is the least that a sandbox could take.
 */
export const bench = (): Promise<Report> =>
  withBenchDirectory(async (directory) => {
    const names = Array.from({ length: COLD + 1 }, (_, index) => nameOf(index));
    const runtime = await startRuntimeThread({ directory, resources: [role, ...names.map(functionOf)] });
    const client = new LambdaClient({ ...runtime, region: REGION });
    const invoke = async (FunctionName: string) => {
      const { FunctionError } = await client.send(new InvokeCommand({ FunctionName, Payload: EVENT }));
      if (FunctionError) throw new Error(`${FunctionName} failed`);
    };
    try {
      // Warms the client and the server; its function is not measured cold.
      await invoke(nameOf(COLD));
      await inFlight(200, 1, () => invoke(nameOf(COLD)));
      const cold = await inFlight(COLD, 1, (index) => invoke(nameOf(index)));
      const warm = await inFlight(WARM, 1, () => invoke(nameOf(COLD)));
      const parallel = await inFlight(WARM, 20, () => invoke(nameOf(COLD)));
      const bare = await bareThread(directory);
      return {
        bench: 'lambda',
        machine: machine(),
        rows: [
          { what: 'cold', inFlight: 1, ...cold },
          { what: 'warm', inFlight: 1, ...warm },
          { what: 'warm', inFlight: 20, ...parallel },
        ],
        summary: {
          bareThreadStartMs: bare.startMs,
          bareThreadCallMs: bare.callMs,
          inProcessCallMs: await inProcess(directory),
          coldTimesBareThread: round(cold.p50Ms / bare.startMs),
        },
      };
    } finally {
      client.destroy();
      await runtime.stop();
    }
  });

async function bareThread(directory: string): Promise<{ readonly startMs: number; readonly callMs: number }> {
  const folder = join(directory, 'bare');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.mjs'), CODE);
  writeFileSync(join(folder, 'thread.mjs'), THREAD);
  const starts: number[] = [];
  const calls: number[] = [];
  for (let start = 0; start < COLD; start++) {
    const beganMs = performance.now();
    const worker = new Worker(pathToFileURL(join(folder, 'thread.mjs')));
    const answer = () => new Promise((resolve) => worker.once('message', resolve));
    await answer();
    worker.postMessage(EVENT);
    await answer();
    starts.push(performance.now() - beganMs);
    for (let call = 0; call < WARM / COLD; call++) {
      const calledMs = performance.now();
      worker.postMessage(EVENT);
      await answer();
      calls.push(performance.now() - calledMs);
    }
    await worker.terminate();
  }
  return { startMs: round(median(starts), 2), callMs: round(median(calls), 3) };
}

async function inProcess(directory: string): Promise<number> {
  const { handler } = (await import(pathToFileURL(join(directory, 'bare', 'index.mjs')).href)) as {
    handler: (event: unknown) => Promise<unknown>;
  };
  const calls: number[] = [];
  for (let call = 0; call < WARM; call++) {
    const beganMs = performance.now();
    JSON.stringify(await handler(JSON.parse(EVENT)));
    calls.push(performance.now() - beganMs);
  }
  return round(median(calls), 4);
}
