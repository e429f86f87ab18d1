import { expect, test } from 'vitest';
import type { Program } from '../asl.ts';
import { functionsAhead } from './functions-ahead.ts';

const arn = (name: string) => `arn:aws:lambda:eu-west-1:111111111111:function:${name}`;
const invoke = (name: string, next: string) => ({
  Type: 'Task' as const,
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: arn(name) },
  Next: next,
});
const definition = {
  StartAt: 'First',
  States: {
    First: invoke('first', 'Decide'),
    Decide: { Type: 'Choice', Choices: [{ Condition: true, Next: 'Rest' }], Default: 'Other' },
    Other: invoke('other', 'Done'),
    Rest: { Type: 'Wait', Seconds: 1, Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Left', States: { Left: invoke('left', 'LeftMore'), LeftMore: invoke('left-more', 'LeftMore') } },
        { StartAt: 'Right', States: { Right: { Type: 'Task', Resource: arn('right'), End: true } } },
      ],
      Next: 'Expression',
    },
    Expression: { ...invoke('x', 'Done'), Arguments: { FunctionName: '{% $name %}' } },
    Done: { Type: 'Succeed' },
  },
} as unknown as Program;

test('looks through states that call nothing, by the first rule of a Choice, into every branch', () => {
  expect(functionsAhead(definition, 'First')).toEqual([arn('left'), arn('right')]);
});

test('looks inside the branch that a state is in', () => {
  expect(functionsAhead(definition, 'Left')).toEqual([arn('left-more')]);
});

test('knows nothing of a function that an expression names, and nothing after the end', () => {
  expect(functionsAhead(definition, 'Both')).toEqual([]);
  expect(functionsAhead(definition, 'Other')).toEqual([]);
  expect(functionsAhead(definition, 'No such state')).toEqual([]);
});
