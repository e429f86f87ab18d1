import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../service.ts';
import { pass, TestAccount } from '../test-account.ts';

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});
const validate = (definition: string, more: JsonObject = {}) =>
  account.do('ValidateStateMachineDefinition', { definition, ...more });
const failed = (...diagnostics: JsonObject[]) => ({
  result: 'FAIL',
  truncated: false,
  diagnostics: diagnostics.map((one) => ({ severity: 'ERROR', ...one })),
});

// As AWS was recorded answering.
describe('ValidateStateMachineDefinition', () => {
  it('finds nothing in a valid definition', async () => {
    expect(await validate(JSON.stringify(pass()))).toEqual({ result: 'OK', diagnostics: [], truncated: false });
  });

  it.each([
    [' ', { code: 'SCHEMA_VALIDATION_FAILED', message: 'Definition must be a valid JSON object' }],
    [
      '{}',
      { code: 'SCHEMA_VALIDATION_FAILED', message: 'These fields are required: [States, StartAt]', location: '/' },
    ],
    [
      'not a definition',
      {
        code: 'INVALID_JSON_DESCRIPTION',
        message:
          "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"not a definition\"; line: 1, column: 4]",
        location: '[Source: (String)"not a definition"; line: 1, column: 4]',
      },
    ],
    [
      '{"States":{"A":{"Type":"Pass","End":true}}}',
      { code: 'SCHEMA_VALIDATION_FAILED', message: 'These fields are required: [StartAt]', location: '/' },
    ],
    [
      '{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"QueryLanguage":"JSONPath","Type":"Pass","End":true}}}',
      {
        code: 'SCHEMA_VALIDATION_FAILED',
        message: "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        location: '/States/A',
      },
    ],
  ])('says of %s what is wrong and where', async (definition, diagnostic) => {
    expect(await validate(definition)).toEqual(failed(diagnostic));
  });

  it('judges by the type', async () => {
    const definition = JSON.stringify({
      StartAt: 'T',
      States: {
        T: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: {}, End: true },
      },
    });
    expect(await validate(definition)).toMatchObject({ result: 'OK' });
    expect(await validate(definition, { type: 'EXPRESS' })).toMatchObject({ result: 'FAIL' });
  });

  it('gives no more diagnostics than are asked for, and says so', async () => {
    const states = Object.fromEntries(['A', 'B', 'C'].map((name) => [name, { Type: 'Pass', Next: 'None' }]));
    const definition = JSON.stringify({ StartAt: 'A', States: states });
    const { diagnostics } = await validate(definition);
    expect((diagnostics as unknown[]).length).toBeGreaterThan(2);
    const cut = await validate(definition, { maxResults: 2 });
    expect(cut).toMatchObject({ result: 'FAIL', truncated: true });
    expect(cut.diagnostics).toHaveLength(2);
  });
});

describe('the input of an execution', () => {
  it.each([
    [
      'not some json',
      "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    ],
    ["{'not': 'json'", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"],
    ['', 'Invalid execution input.'],
  ])('%j is refused in the words of AWS', async (input, why) => {
    const stateMachineArn = await account.machine('m', pass());
    expect(await account.refusal('StartExecution', { stateMachineArn, input })).toBe(
      `InvalidExecutionInput: Invalid State Machine Execution Input: '${why}'`,
    );
  });

  it.each(['2', '"some text"', 'null', '[]'])('may be %s', async (input) => {
    const stateMachineArn = await account.machine('m', pass());
    const { executionArn } = await account.do('StartExecution', { stateMachineArn, input });
    await account.settled();
    expect(await account.describe(executionArn as string)).toMatchObject({ status: 'SUCCEEDED', output: input });
  });
});
