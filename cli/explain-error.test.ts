import { expect, test } from 'vitest';
import { RegistryUnavailable } from '../domain/errors.ts';
import { explainError } from './explain-error.ts';
import { Failure } from './failure.ts';

const named = (name: string, message = 'said so', more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

test.each([
  {
    case: 'nobody listens',
    error: named('Error', 'connect ECONNREFUSED 127.0.0.1:4570', { code: 'ECONNREFUSED' }),
    exitCode: 3,
    hint: /npm start/,
  },
  { case: 'no credentials', error: named('CredentialsProviderError'), exitCode: 3, hint: /npm start/ },
  { case: 'expired credentials', error: named('ExpiredTokenException'), exitCode: 3, hint: /sign in again/ },
  { case: 'a policy says no', error: named('AccessDeniedException'), exitCode: 5, hint: /--profile/ },
  { case: 'S3 says no', error: named('AccessDenied'), exitCode: 5, hint: /--profile/ },
  { case: 'not deployed', error: named('ResourceNotFoundException'), exitCode: 4, hint: /--env/ },
  { case: 'anything else', error: named('Error'), exitCode: 1, hint: null },
])('$case', ({ error, exitCode, hint }) => {
  const explained = explainError(error);
  expect(explained.exitCode).toBe(exitCode);
  expect(explained.message).toContain(error.message);
  if (hint) expect(explained.hint).toMatch(hint);
  else expect(explained.hint).toBeNull();
});

test('what an adapter wrapped is found again', () => {
  const wrapped = new RegistryUnavailable('the registry did not answer', {
    cause: named('Error', 'refused', { code: 'ECONNREFUSED' }),
  });
  expect(explainError(wrapped).exitCode).toBe(3);
});

test('a failure of our own is told in its own words', () => {
  expect(explainError(new Failure(2, 'There is no file x', { hint: 'look again' }))).toEqual({
    exitCode: 2,
    message: 'There is no file x',
    hint: 'look again',
  });
});
