import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from './bench.ts';
import { machine, median, round } from './machine.ts';
import { BenchEngine, type Written } from './step-functions/bench-engine.ts';
import { floorMs } from './step-functions/floor.ts';
import { libraryMs } from './step-functions/library.ts';
import { distributedMap, inlineMap, items, longWait, passChain, taskChain } from './step-functions/machines.ts';

const ROUNDS = 7;
const OPEN = 10_000;
const STARTS = 500;
const DISTRIBUTED_ITEMS = 10_000;

type Row = Readonly<Record<string, string | number>>;

const perSecond = (count: number, ms: number): number => Math.round((count / ms) * 1000);

/** Measures the engine against aws-local-stepfunctions, and against the disk alone. Takes a minute or two. */
export async function bench(): Promise<Report> {
  // Not /tmp, which is memory on many systems.
  const parent = process.env.SLUICE_BENCH_DIRECTORY ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'sluice-bench-'));
  try {
    const chain = await compare(directory, 'Pass chain of 1,000', passChain(1000), {}, 1000);
    const map = await compare(directory, 'inline Map of 5,000', inlineMap, items(5000), 5001);
    const tasks: Row[] = [];
    for (const [executions, rounds] of [
      [1, 5],
      [100, 3],
      [1000, 1],
    ] as const)
      tasks.push(await atOnce(directory, executions, rounds));
    const distributed = await distributedRow(directory);
    const open = await withOpenExecutions(directory);
    return {
      bench: 'step-functions',
      machine: machine(),
      rows: [chain, map, ...tasks, distributed],
      summary: {
        ...open,
        engineImportMs: engineImportMs(join(directory, 'compile-cache')),
        engineImportWithoutCacheMs: engineImportMs(),
        rounds: ROUNDS,
      },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One execution in memory and on disk, beside the library and the floor; round by round, so that a slow moment meets all of them. */
async function compare(
  directory: string,
  what: string,
  definition: unknown,
  input: unknown,
  transitions: number,
): Promise<Row> {
  const times = { memory: [] as number[], durable: [] as number[], library: [] as number[], floor: [] as number[] };
  let events = 0;
  let syncEachMs = 0;
  const inMemory = new BenchEngine(':memory:');
  const onDisk = new BenchEngine(join(directory, `compare-${transitions}.sqlite`));
  for (let round = 0; round <= ROUNDS; round++) {
    const memory = await timed(inMemory, definition, input);
    const file = join(directory, `compare-${transitions}-${round}`);
    const durable = await timed(onDisk, definition, input);
    events = durable.events;
    const floor = floorMs(`${file}.floor`, durable.written);
    const library = await libraryMs(definition, input);
    // The first round warms everything up.
    if (round === 0) {
      syncEachMs = floorMs(`${file}.each`, { commits: transitions, bytes: durable.written.bytes });
      continue;
    }
    times.memory.push(memory.ms);
    times.durable.push(durable.ms);
    times.floor.push(floor);
    times.library.push(library);
  }
  for (const one of [inMemory, onDisk]) one.close();
  const ms = {
    memory: median(times.memory),
    durable: median(times.durable),
    library: median(times.library),
    floor: median(times.floor),
  };
  return {
    what,
    events,
    memoryMs: round(ms.memory),
    durableMs: round(ms.durable),
    libraryMs: round(ms.library),
    floorMs: round(ms.floor),
    syncEachMs: round(syncEachMs),
    memoryPerSecond: perSecond(transitions, ms.memory),
    durablePerSecond: perSecond(transitions, ms.durable),
    timesFloor: round(ms.durable / ms.floor, 2),
    timesLibrary: round(ms.durable / ms.library, 2),
  };
}

async function timed(one: BenchEngine, definition: unknown, input: unknown) {
  const before = one.written;
  const beganMs = performance.now();
  const { key } = await one.run(definition, input);
  const ms = performance.now() - beganMs;
  const [last] = one.engine.log.events(key, Number.MAX_SAFE_INTEGER, 1, true);
  return { ms, written: writtenSince(before, one), events: last!.id };
}

function writtenSince(before: Written, one: BenchEngine): Written {
  const { commits, bytes } = one.written;
  return { commits: commits - before.commits, bytes: bytes - before.bytes };
}

/** Executions of 20 tasks, each of which is on disk before the next is begun. */
async function atOnce(directory: string, executions: number, rounds: number): Promise<Row> {
  const steps = executions === 1 ? 500 : 20;
  const definition = taskChain(steps);
  const durable: number[] = [];
  const floor: number[] = [];
  let perCommit = 0;
  const one = new BenchEngine(join(directory, `tasks-${executions}.sqlite`));
  for (let round = 0; round <= rounds; round++) {
    const before = one.written;
    const beganMs = performance.now();
    await Promise.all(Array.from({ length: executions }, () => one.run(definition, {})));
    const ms = performance.now() - beganMs;
    const written = writtenSince(before, one);
    const bare = floorMs(join(directory, `tasks-${executions}-${round}.floor`), written);
    perCommit = (executions * steps) / written.commits;
    if (round === 0) continue;
    durable.push(ms);
    floor.push(bare);
  }
  one.close();
  return {
    what: `Task chains of ${steps}, ${executions} at once`,
    durableMs: round(median(durable)),
    floorMs: round(median(floor)),
    durablePerSecond: perSecond(executions * steps, median(durable)),
    timesFloor: round(median(durable) / median(floor), 2),
    transitionsPerCommit: round(perCommit),
  };
}

async function distributedRow(directory: string): Promise<Row> {
  const one = new BenchEngine(join(directory, 'distributed.sqlite'));
  const beganMs = performance.now();
  await one.run(distributedMap, items(DISTRIBUTED_ITEMS));
  const ms = performance.now() - beganMs;
  const floor = floorMs(join(directory, 'distributed.floor'), one.written);
  one.close();
  return {
    what: `distributed Map of ${DISTRIBUTED_ITEMS}`,
    durableMs: round(ms),
    floorMs: round(floor),
    durablePerSecond: perSecond(DISTRIBUTED_ITEMS, ms),
    timesFloor: round(ms / floor, 2),
  };
}

/** Starts, a restart and the memory with 10,000 executions open. */
async function withOpenExecutions(directory: string): Promise<Row> {
  const file = join(directory, 'open.sqlite');
  const before = heapMegabytes();
  const first = new BenchEngine(file);
  for (let started = 0; started < OPEN; started += 100)
    await Promise.all(Array.from({ length: 100 }, () => first.start(longWait, { started })));
  await first.engine.settled();
  const openMegabytes = heapMegabytes() - before;
  const latencies: number[] = [];
  for (let start = 0; start < STARTS; start++) latencies.push(await first.untilFirstState(passChain(1)));
  latencies.sort((left, right) => left - right);
  first.close();
  const beganMs = performance.now();
  const second = new BenchEngine(file);
  second.engine.resume();
  await second.engine.settled();
  const resumeMs = performance.now() - beganMs;
  second.close();
  return {
    openExecutions: OPEN,
    startToFirstStateP50Ms: round(latencies[Math.floor(STARTS * 0.5)]!, 2),
    startToFirstStateP99Ms: round(latencies[Math.floor(STARTS * 0.99)]!, 2),
    resumeMs: round(resumeMs),
    openHeapMegabytes: round(openMegabytes),
    rssMegabytes: round(process.memoryUsage.rss() / 2 ** 20),
  };
}

function heapMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Milliseconds to import the engine in a new process, median of 7; with the compile cache that the runtime has, from its second start on. */
function engineImportMs(compileCache?: string): number {
  const engine = new URL('../local/step-functions/engine/engine.ts', import.meta.url).href;
  const code = `const t = performance.now(); await import(${JSON.stringify(engine)}); console.log(performance.now() - t);`;
  const { NODE_COMPILE_CACHE: _ours, ...others } = process.env;
  const env = { ...others, ...(compileCache !== undefined && { NODE_COMPILE_CACHE: compileCache }) };
  const run = () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', env }).trim());
  if (compileCache !== undefined) run();
  return round(median(Array.from({ length: 7 }, run)));
}
