import { expect, it } from 'vitest';
import { explained, explanationOf, readFigures } from '../../local/support/conformance-figures.ts';
import { measureFigures } from './figures.ts';
import { stepFunctions } from './step-functions-suite.ts';
import { reasonToSkip } from './suite.ts';

it('the figures of SUPPORT.md are what the suites say now; if not, run "npm run generate"', {
  timeout: 60_000,
}, async ({ skip }) => {
  const reason = reasonToSkip(stepFunctions);
  if (reason) skip(reason);
  expect(await measureFigures()).toEqual(readFigures());
});

it('each recording that is left is explained, and no other', () => {
  const { left, notJudged } = readFigures();
  const ids = [...left, ...notJudged].map(({ id }) => id);
  expect(ids.filter((id) => explanationOf(id) === undefined)).toEqual([]);
  expect(explained().filter((end) => !ids.some((id) => id.endsWith(end)))).toEqual([]);
});
