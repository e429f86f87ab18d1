// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of Fn::Sub
import { describe, expect, it } from 'vitest';
import { evaluate, functionName, IntrinsicFailed, NO_VALUE, type Scope } from './intrinsics.ts';

const scope: Scope = {
  ref: (name) => {
    const values: Record<string, unknown> = {
      Bucket: 'the-bucket',
      'AWS::Region': 'eu-west-1',
      'AWS::NoValue': NO_VALUE,
      Names: ['a', 'b'],
    };
    if (!Object.hasOwn(values, name)) throw new IntrinsicFailed(`there is no ${name}`);
    return values[name];
  },
  getAtt: (logicalId, attribute) => `${logicalId}!${attribute}`,
  condition: (name) => name === 'Yes',
  findInMap: (map, top, second) => `${map}/${top}/${second}`,
};

describe('an intrinsic function is evaluated', () => {
  it.each([
    { $case: 'Ref', value: { Ref: 'Bucket' }, expected: 'the-bucket' },
    { $case: 'GetAtt, list', value: { 'Fn::GetAtt': ['Bucket', 'Arn'] }, expected: 'Bucket!Arn' },
    { $case: 'GetAtt, text', value: { 'Fn::GetAtt': 'Bucket.Arn' }, expected: 'Bucket!Arn' },
    { $case: 'GetAtt, nested attribute', value: { 'Fn::GetAtt': 'Table.Stream.Arn' }, expected: 'Table!Stream.Arn' },
    {
      $case: 'Sub',
      value: { 'Fn::Sub': '${Bucket}/${Bucket.Arn}/${AWS::Region}' },
      expected: 'the-bucket/Bucket!Arn/eu-west-1',
    },
    { $case: 'Sub, literal', value: { 'Fn::Sub': 'a ${!Bucket}' }, expected: 'a ${Bucket}' },
    {
      $case: 'Sub, own variables first',
      value: { 'Fn::Sub': ['${Bucket} ${x}', { Bucket: 1, x: { Ref: 'Bucket' } }] },
      expected: '1 the-bucket',
    },
    {
      $case: 'Sub, a JSONata dollar',
      value: { 'Fn::Sub': '{% $states.input & "}" %}' },
      expected: '{% $states.input & "}" %}',
    },
    { $case: 'Join', value: { 'Fn::Join': [':', ['a', { Ref: 'Bucket' }, 3]] }, expected: 'a:the-bucket:3' },
    { $case: 'Join of a list parameter', value: { 'Fn::Join': ['-', { Ref: 'Names' }] }, expected: 'a-b' },
    {
      $case: 'Join without NoValue',
      value: { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] },
      expected: 'a-b',
    },
    { $case: 'Select of Split', value: { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, expected: 'b' },
    { $case: 'Base64', value: { 'Fn::Base64': { Ref: 'Bucket' } }, expected: 'dGhlLWJ1Y2tldA==' },
    { $case: 'FindInMap', value: { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 's'] }, expected: 'M/eu-west-1/s' },
    { $case: 'If, true', value: { 'Fn::If': ['Yes', 1, { Ref: 'Missing' }] }, expected: 1 },
    { $case: 'If, false', value: { 'Fn::If': ['No', { Ref: 'Missing' }, 2] }, expected: 2 },
    { $case: 'Equals of number and text', value: { 'Fn::Equals': [1, '1'] }, expected: true },
    { $case: 'And', value: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, expected: false },
    { $case: 'Or', value: { 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] }, expected: true },
    { $case: 'Not', value: { 'Fn::Not': [{ Condition: 'No' }] }, expected: true },
  ])('$$case', ({ value, expected }) => {
    expect(evaluate({ deep: [value] }, scope)).toEqual({ deep: [expected] });
  });
});

it('leaves out a member and an element whose value is AWS::NoValue', () => {
  const none = { 'Fn::If': ['No', 'x', { Ref: 'AWS::NoValue' }] };
  expect(evaluate({ kept: 1, gone: none, list: [1, none, 2] }, scope)).toEqual({ kept: 1, list: [1, 2] });
});

it('does not take the Condition of a policy statement for a function', () => {
  const statement = { Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'Bucket' } } } };
  expect(functionName(statement)).toBeUndefined();
  expect(evaluate(statement, scope)).toEqual({ Condition: { StringEquals: { 'aws:SourceAccount': 'the-bucket' } } });
});

it.each([
  [{ 'Fn::ImportValue': 'other-stack' }, 'Fn::ImportValue is not done here'],
  [{ 'Fn::Transform': {} }, 'Fn::Transform is not done here'],
  [{ 'Fn::Select': [2, ['a']] }, 'there is no element 2 in a list of 1'],
  [{ 'Fn::Join': [':'] }, 'Fn::Join must be a list of 2'],
  [{ 'Fn::Join': [':', [{ a: 1 }]] }, 'a part of Fn::Join must be a text'],
  [{ 'Fn::Not': ['yes'] }, '"yes" is no condition'],
  [{ Ref: 'Nowhere' }, 'there is no Nowhere'],
])('refuses %j', (value, message) => {
  expect(() => evaluate(value, scope)).toThrow(message);
});
