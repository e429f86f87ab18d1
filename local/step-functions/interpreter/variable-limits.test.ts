import { expect, it } from 'vitest';
import { Problem } from '../language/problem.ts';
import { checkVariables } from './variable-limits.ts';

const text = (bytes: number) => 'x'.repeat(bytes - 2);
const many = (count: number, bytes: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, text(bytes)]));

it('a state assigns up to 256 KiB', () => {
  expect(() => checkVariables({ a: text(200_000), b: text(62_144) }, {})).not.toThrow();
  expect(() => checkVariables({ a: text(200_000), b: text(62_145) }, {})).toThrow(
    new Problem('States.DataLimitExceeded', 'The variables that the state assigns are larger than 262144 bytes.'),
  );
});

it('what is seen together is up to 10 MiB, and a variable that is assigned again counts once', () => {
  const seen = many(40, 262_144);
  expect(() => checkVariables({ v0: text(262_144) }, seen)).not.toThrow();
  expect(() => checkVariables({ more: 1 }, seen)).toThrow(
    new Problem('States.DataLimitExceeded', 'The variables of the execution are larger than 10485760 bytes together.'),
  );
});
