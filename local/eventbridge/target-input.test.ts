import { describe, expect, it } from 'vitest';
import { type InputSettings, targetInput, validateInputSettings } from './target-input.ts';

const EVENT = '{"id":"e1","source":"shop","detail":{"name":"a \\"b\\"","total":5.0,"list":[1,2]}}';
const CONTEXT = { ruleArn: 'arn:rule', ruleName: 'rule', ingestionTime: '2026-01-01T00:00:00Z' };
const template = (InputTemplate: string): InputSettings => ({
  InputTransformer: {
    InputPathsMap: { name: '$.detail.name', total: '$.detail.total', list: '$.detail.list', none: '$.detail.none' },
    InputTemplate,
  },
});

describe('the input of a target', () => {
  it.each([
    { what: 'nothing asked', settings: {}, input: EVENT },
    { what: 'a constant', settings: { Input: '{"a": 1}' }, input: '{"a": 1}' },
    { what: 'a path', settings: { InputPath: '$.detail.list[1]' }, input: '2' },
    { what: 'a number as it was written', settings: { InputPath: '$.detail.total' }, input: '5.0' },
    {
      what: 'a JSON template',
      settings: template('{"n": <name>, "t": <total>}'),
      input: '{"n": "a \\"b\\"", "t": 5.0}',
    },
    { what: 'a value in quotes', settings: template('{"n": "<name>!"}'), input: '{"n": "a \\"b\\"!"}' },
    { what: 'what is not there', settings: template('{"n": <none>}'), input: '{"n": ""}' },
    { what: 'a list in a text', settings: template('"all of <list>"'), input: '"all of [1,2]"' },
    { what: 'a name of its own', settings: template('"<aws.events.rule-name>"'), input: '"rule"' },
  ])('with $what is what AWS sends', ({ settings, input }) => {
    expect(targetInput(settings, EVENT, CONTEXT)).toBe(input);
  });

  it('is none when the template gives no JSON', () => {
    expect(targetInput(template('{"n": <name> <name>}'), EVENT, CONTEXT)).toBeUndefined();
  });

  it.each([
    { settings: { Input: '{' }, message: 'JSON syntax error' },
    { settings: { InputPath: 'detail' }, message: 'Invalid JSON path' },
    { settings: { Input: '1', InputPath: '$' }, message: 'Only one of Input, InputPath, or InputTransformer' },
    { settings: template('<unknown>'), message: 'invalid placeholder unknown' },
  ])('is refused when it says: $message', ({ settings, message }) => {
    expect(() => validateInputSettings('t1', settings)).toThrow(message);
  });
});
