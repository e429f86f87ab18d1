import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { compilePattern, matchesPattern } from '../local/eventbridge/pattern/pattern.ts';
import { PatternIndex } from '../local/eventbridge/pattern/pattern-index.ts';
import { startRuntime } from '../local/runtime.ts';
import type { Report } from './bench.ts';
import { machine, median, round } from './machine.ts';

type Row = Readonly<Record<string, string | number>>;

const ROUNDS = 7;
const ROUND_MS = 200;
const DELIVERIES = 300;
const ACCOUNT = '111111111111';
const REGION = 'eu-west-1';

/** Measures how fast events find their rules, beside asking each rule in turn and beside JSON.parse alone, and the way from PutEvents to a queue. */
export async function bench(): Promise<Report> {
  const texts = Array.from({ length: 200 }, (_, n) => event(n));
  const rows: Row[] = [
    { what: 'JSON.parse alone', rules: 0, eventsPerSecond: perSecond(texts, (text) => JSON.parse(text)) },
  ];
  for (const [kind, makePattern] of PATTERNS) {
    for (const count of [1, 1000]) {
      const patterns = Array.from({ length: count }, (_, n) => compilePattern(JSON.stringify(makePattern(n))));
      const index = new PatternIndex(patterns.map((pattern, n) => [pattern, n]));
      rows.push({
        what: kind,
        rules: count,
        eventsPerSecond: perSecond(texts, (text) => index.match(text)),
        eachRuleInTurn: perSecond(texts, (text) => patterns.filter((pattern) => matchesPattern(pattern, text))),
        matchesPerEvent: round(texts.reduce((sum, text) => sum + index.match(text).length, 0) / texts.length, 2),
      });
    }
  }
  return {
    bench: 'eventbridge',
    machine: machine(),
    rows,
    summary: { eventBytes: texts[0]?.length ?? 0, rounds: ROUNDS, ...(await putToTarget()) },
  };
}

const event = (n: number): string =>
  JSON.stringify({
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': `Order ${n % 20}`,
    source: `shop.${n % 50}`,
    account: ACCOUNT,
    time: '2026-01-01T00:00:00Z',
    region: REGION,
    resources: [`arn:aws:s3:${REGION}:${ACCOUNT}:bucket-${n}`],
    detail: {
      order: { id: `o-${n}`, amount: n * 1.5, currency: 'EUR', express: n % 2 === 0 },
      customer: { name: 'A. Person', segment: `segment-${n % 100}`, address: '10.0.0.1' },
      lines: ['book', 'lamp', 'chair'],
      note: 'leave it with the neighbours, the bell does not work',
    },
  });

const PATTERNS: readonly (readonly [kind: string, make: (n: number) => unknown])[] = [
  ['exact texts', (n) => ({ source: [`shop.${n % 50}`], 'detail-type': [`Order ${Math.floor(n / 50)}`] })],
  [
    'prefix, suffix, numbers, wildcards',
    (n) =>
      [
        { source: [{ prefix: `shop.${n}` }] },
        { detail: { customer: { segment: [{ suffix: `-${n % 100}` }] }, order: { id: [`o-${n}`] } } },
        { source: [`shop.${n % 50}`], detail: { order: { amount: [{ numeric: ['>', n, '<=', n + 10] }] } } },
        { resources: [{ wildcard: `*bucket-${n}*` }] },
      ][n % 4],
  ],
];

/** Median over rounds; the first one warms up. */
function perSecond(texts: readonly string[], work: (text: string) => unknown): number {
  const rates: number[] = [];
  for (let roundNumber = 0; roundNumber <= ROUNDS; roundNumber++) {
    const began = performance.now();
    let events = 0;
    let ms = 0;
    while (ms < ROUND_MS) {
      // One look at the clock for a few events, so that it is not the clock that is measured.
      for (let n = 0; n < 10; n++) work(texts[(events + n) % texts.length] as string);
      events += 10;
      ms = performance.now() - began;
    }
    if (roundNumber > 0) rates.push((events / ms) * 1000);
  }
  return Math.round(median(rates));
}

/** From the call of PutEvents to a queue's message in the hands of its reader, both over HTTP, one at a time; fsync is on. */
async function putToTarget(): Promise<Row> {
  const directory = mkdtempSync(join(process.env.SLUICE_BENCH_DIRECTORY ?? tmpdir(), 'sluice-bench-events-'));
  const runtime = await startRuntime({
    directory,
    port: 0,
    region: REGION,
    accounts: [{ accountId: ACCOUNT, name: 'bench' }],
    log: () => undefined,
  });
  const client = { endpoint: runtime.url, region: REGION, credentials: runtime.adminCredentials(ACCOUNT) };
  const events = new EventBridgeClient(client);
  const queues = new SQSClient(client);
  try {
    const QueueUrl = await makeQueue(queues);
    await events.send(new PutRuleCommand({ Name: 'bench', EventPattern: '{"source":["bench"]}' }));
    const Targets = [{ Id: 'queue', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:bench` }];
    await events.send(new PutTargetsCommand({ Rule: 'bench', Targets }));
    const toTargetMs: number[] = [];
    const putMs: number[] = [];
    for (let n = 0; n < DELIVERIES + 20; n++) {
      const received = queues.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
      const began = performance.now();
      const Entries = [{ Source: 'bench', DetailType: 'Tick', Detail: JSON.stringify({ n }) }];
      const put = events.send(new PutEventsCommand({ Entries })).then(() => performance.now() - began);
      const { Messages: [message] = [] } = await received;
      const tookMs = performance.now() - began;
      if (JSON.parse(message?.Body ?? '{}').detail?.n !== n) throw new Error(`Event ${n} did not arrive.`);
      await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
      const acknowledgedMs = await put;
      if (n < 20) continue;
      toTargetMs.push(tookMs);
      putMs.push(acknowledgedMs);
    }
    return { ...percentiles('putEvents', putMs), ...percentiles('putEventsToTarget', toTargetMs) };
  } finally {
    await runtime.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function makeQueue(queues: SQSClient): Promise<string> {
  const { QueueUrl } = await queues.send(
    new CreateQueueCommand({
      QueueName: 'bench',
      Attributes: {
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: '*',
            },
          ],
        }),
      },
    }),
  );
  if (QueueUrl === undefined) throw new Error('CreateQueue gave no URL.');
  return QueueUrl;
}

function percentiles(what: string, values: readonly number[]): Row {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN, 2);
  return { [`${what}P50Ms`]: at(0.5), [`${what}P99Ms`]: at(0.99) };
}
