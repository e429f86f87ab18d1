import { expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { JobProcess, killLeftBehind, startOfProcess } from './job-process.ts';

const run = (code: string, onLine: (line: string) => void = () => {}) =>
  new JobProcess(
    { program: process.execPath, args: ['-e', code], directory: '/', environment: {} },
    new VirtualClock(),
    onLine,
  );

test('what a runtime left behind is ended; another process that has its id since is not', async () => {
  const left = run('setInterval(() => {}, 1000)');
  const pid = left.pid as number;
  const startedAt = (await startOfProcess(pid)) as string;
  await killLeftBehind({ pid, startedAt: 'Thu Jan  1 00:00:00 1970' });
  expect(await startOfProcess(pid)).toBe(startedAt);
  await killLeftBehind({ pid, startedAt });
  expect(await left.ended).toEqual({ exitCode: 137 });
  // Nobody is there to be ended.
  await killLeftBehind({ pid, startedAt });
});

test('what a program starts and leaves ends with it', async () => {
  const lines: string[] = [];
  const code =
    'const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });' +
    'child.on("spawn", () => { console.log(child.pid); process.exit(4); });';
  const program = run(code, (line) => lines.push(line));
  expect(await program.ended).toEqual({ exitCode: 4 });
  expect(lines).toHaveLength(1);
  while ((await startOfProcess(Number(lines[0]))) !== undefined);
});

test('a program that cannot be started says so', async () => {
  const clock = new VirtualClock();
  const process = new JobProcess(
    { program: '/no/such/program', args: [], directory: '/', environment: {} },
    clock,
    () => {},
  );
  expect(await process.ended).toEqual({ exitCode: 127, problem: 'spawn /no/such/program ENOENT' });
  process.stop();
  expect(clock.pending).toBe(0);
});
