import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { runStepFunctionsCases, stepFunctions } from './step-functions-suite.ts';
import { runSuite } from './suite.ts';

const pass = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const task = {
  StartAt: 'A',
  States: { A: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } },
};
const kept = { id: 'kept', kind: 'execution', definition: pass, expected: { status: 'SUCCEEDED', output: {} } };

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function fileWith(bytes: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cases-'));
  folders.push(folder);
  const file = join(folder, 'cases.json');
  writeFileSync(file, bytes);
  return file;
}

describe('a file of Step Functions cases', () => {
  it.each([
    ['plain', (text: string) => text],
    ['gzipped, whatever its name', (text: string) => gzipSync(text)],
    ['a bare list', (text: string) => JSON.stringify(JSON.parse(text).cases)],
  ])('is read %s', async (_, written) => {
    const file = fileWith(written(JSON.stringify({ source: 'anywhere', license: 'new', cases: [kept] })));
    expect(await runSuite(stepFunctions, file)).toMatchObject({ suite: 'step-functions', total: 1, passed: 1 });
  });

  it('without cases is refused with what it should hold', async () => {
    await expect(runSuite(stepFunctions, fileWith('{"tests": []}'))).rejects.toThrow('must hold { "cases": [...] }');
  });

  it.each([
    ['no object', 7, 'not-an-object'],
    ['of an unknown kind', { ...kept, kind: 'drawing' }, 'unknown-kind-drawing'],
    ['of an unknown level', { ...kept, level: 'haunted' }, 'unknown-level-haunted'],
    ['without a definition', { ...kept, definition: null }, 'no-definition'],
    ['without an expectation', { ...kept, expected: undefined }, 'no-expectation'],
    ['whose recording stops in the middle', { ...kept, expected: { status: 'RUNNING' } }, 'recorded-before-the-end'],
    ['that a person stepped in', { ...kept, level: 'interactive', history: [] }, 'interactive'],
    ['whose services were not recorded', { ...kept, level: 'unmockable', lambdas: {} }, 'answers-not-recorded'],
  ])('reports a case %s as not judged, and judges the others', async (_, entry, reason) => {
    const report = await runStepFunctionsCases([entry, kept]);
    expect(report).toMatchObject({ total: 1, passed: 1, failed: [] });
    expect(report.notJudged).toEqual([{ id: typeof entry === 'number' ? '#0' : 'kept', reason }]);
  });

  it('judges a case that has only what it needs, or more than the schema says', async () => {
    const report = await runStepFunctionsCases([
      kept,
      { ...kept, id: 'more', weather: 'mild', history: null, mocks: [] },
    ]);
    expect(report).toMatchObject({ total: 2, passed: 2, notJudged: [], histories: { total: 0 } });
  });

  it('fails a case by its output, its parameters and its history, each where it differs', async () => {
    const report = await runStepFunctionsCases([
      { ...kept, id: 'output', expected: { status: 'SUCCEEDED', output: { other: 1 } } },
      {
        ...kept,
        id: 'parameters',
        definition: task,
        inputRaw: '{"MessageBody":"sent"}',
        level: 'mocked',
        mocks: [
          {
            state: 'A',
            kind: 'Task',
            hasParameters: true,
            parameters: { MessageBody: 'recorded' },
            result: { output: {} },
          },
        ],
      },
      { ...kept, id: 'history', history: [{ id: 1, previousEventId: 0, type: 'ExecutionStarted' }] },
    ]);
    expect(report.failed.map(({ id }) => id)).toEqual(['output', 'parameters']);
    expect(report.failed[1]?.actual).toMatchObject({ difference: expect.stringContaining('"recorded", got "sent"') });
    expect(report.histories.different.map(({ id }) => id)).toEqual(['history']);
  });

  it('fails a case whose task nobody recorded an answer for, instead of waiting for one', async () => {
    const report = await runStepFunctionsCases([{ ...kept, definition: task, level: 'mocked', mocks: [] }]);
    expect(report.failed[0]?.actual).toMatchObject({ status: 'RUNNING' });
  });

  it('stops an execution where the recorder did', async () => {
    const definition = { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 60, End: true } } };
    const history = [
      { id: 3, previousEventId: 0, type: 'ExecutionAborted', executionAbortedEventDetails: { error: 'E' } },
    ];
    const report = await runStepFunctionsCases([
      { ...kept, level: 'interactive', definition, expected: { status: 'ABORTED', error: 'E' }, history },
    ]);
    expect(report).toMatchObject({ total: 1, passed: 1 });
  });
});
