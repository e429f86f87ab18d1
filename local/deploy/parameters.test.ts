import { expect, it } from 'vitest';
import { parameterValues } from './parameters.ts';

it('takes what is given before the default, and splits lists', () => {
  const declared = {
    A: { Type: 'String', Default: 'a' },
    B: { Type: 'String', Default: 'b' },
    C: { Type: 'CommaDelimitedList', Default: 'x, y' },
  };
  const { values, problems } = parameterValues(declared, { B: 'given' });
  expect(problems).toEqual([]);
  expect(Object.fromEntries(values)).toEqual({ A: 'a', B: 'given', C: ['x', 'y'] });
});

it.each([
  [{ Type: 'String' }, {}, 'parameter P: has no value and no default'],
  [{ Type: 'String' }, { P: 'x', Q: 'y' }, 'parameter Q does not exist in the template'],
  [{ Type: 'String', AllowedValues: ['dev', 'acc'] }, { P: 'prod' }, 'parameter P: "prod" is none of dev, acc'],
  [{ Type: 'String', AllowedPattern: '[0-9]{12}' }, { P: '12' }, 'parameter P: "12" does not match [0-9]{12}'],
  [{ Type: 'Number', MinValue: 2 }, { P: '1' }, 'parameter P: 1 is below MinValue 2'],
  [{ Type: 'Number' }, { P: 'one' }, 'parameter P: "one" is no number'],
  [
    { Type: 'AWS::SSM::Parameter::Value<String>' },
    { P: 'x' },
    'parameter P: type AWS::SSM::Parameter::Value<String> is not done here',
  ],
])('%j with %j: %s', (declaration, given, problem) => {
  expect(parameterValues({ P: declaration }, given as Record<string, string>).problems).toEqual([problem]);
});
