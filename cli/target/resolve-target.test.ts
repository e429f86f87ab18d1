import { expect, test } from 'vitest';
import { Failure } from '../failure.ts';
import { profileNames } from './ini.ts';
import { resolveTarget } from './resolve-target.ts';
import { executionArn, resourceNames } from './resource-names.ts';
import type { RuntimeHome } from './runtime-home.ts';

const home: RuntimeHome = {
  directory: '/home/me/.sluice',
  url: 'http://127.0.0.1:4570',
  pid: 1,
  region: 'eu-west-1',
  credentialsFile: '/home/me/.sluice/credentials',
  configFile: '/home/me/.sluice/config',
  profiles: ['sluice-dev', 'sluice-prd', 'sluice-prd-approver'],
};

test('where the local runtime has a profile of the environment, that is meant', () => {
  expect(resolveTarget({ env: 'dev' }, { variables: {}, home })).toEqual({
    place: 'local',
    environment: 'dev',
    profile: 'sluice-dev',
    home,
  });
});

test('a command that needs a role takes the profile of that role', () => {
  expect(resolveTarget({ env: 'prd' }, { variables: {}, home, role: 'approver' })).toMatchObject({
    profile: 'sluice-prd-approver',
  });
  expect(resolveTarget({ env: 'prd', profile: 'sluice-prd' }, { variables: {}, home, role: 'approver' })).toMatchObject(
    { profile: 'sluice-prd' },
  );
});

test('a profile that the local runtime does not know is one of AWS', () => {
  expect(resolveTarget({ env: 'prd', profile: 'my-prd' }, { variables: {}, home })).toEqual({
    place: 'aws',
    environment: 'prd',
    profile: 'my-prd',
  });
});

test('SLUICE_AWS=1 means AWS also where the local runtime has a profile of that name', () => {
  const variables = { SLUICE_AWS: '1' };
  expect(resolveTarget({ env: 'dev', profile: 'sluice-dev' }, { variables, home })).toMatchObject({
    place: 'aws',
    profile: 'sluice-dev',
  });
  expect(resolveTarget({ env: 'dev' }, { variables, home })).toMatchObject({ place: 'aws', profile: null });
  expect(resolveTarget({ env: 'dev' }, { variables: { ...variables, AWS_PROFILE: 'work' }, home })).toMatchObject({
    profile: 'work',
  });
});

test('with neither a runtime nor a profile, the error says how to get one', () => {
  const refused = refusalOf(() => resolveTarget({ env: 'dev' }, { variables: {}, home: undefined }));
  expect(refused.exitCode).toBe(3);
  expect(refused.hint).toMatch(/npm start.*sluice up.*--profile/s);
});

test('where the runtime lacks the profile, the error names those that it has', () => {
  expect(refusalOf(() => resolveTarget({ env: 'acc' }, { variables: {}, home })).hint).toContain(
    'sluice-dev, sluice-prd',
  );
});

test('names of resources follow from environment, account and region', () => {
  const names = resourceNames('acc', '222222222222', 'eu-west-1');
  expect(names.dataBucket).toBe('sluice-acc-data-222222222222');
  expect(names.functionName('predict')).toBe('sluice-acc-predict');
  expect(executionArn(names, 'promote-model', 'promote-1')).toBe(
    'arn:aws:states:eu-west-1:222222222222:execution:sluice-acc-promote-model:promote-1',
  );
});

test('profiles are read from both kinds of AWS files', () => {
  expect(
    profileNames('[sluice-dev]\naws_access_key_id = x\n# [no]\n[ profile sluice-prd-approver ]\nrole_arn = y\n'),
  ).toEqual(['sluice-dev', 'sluice-prd-approver']);
});

function refusalOf(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
