import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../cli/exit-codes.ts';
import { type Environment, environments } from '../../domain/environment.ts';
import { eventually } from '../support/eventually.ts';
import type { LocalWorld } from '../support/local-world.ts';
import { championOfDev, startPreparedWorld } from '../support/prepared-world.ts';
import { TINY_MODEL, tinyCsv, tinyModelYaml } from '../support/tiny-model.ts';

let world: LocalWorld;
beforeAll(async () => {
  world = await startPreparedWorld();
}, 240_000);
afterAll(() => world?.stop());

const PATIENCE_MS = 180_000;
const as = (role: 'engineer' | 'approver', env: Environment, ...args: string[]) =>
  world.sluice(...args, '--env', env, '--profile', `sluice-${env}-${role}`);
const file = (name: string, text: string) => world.file(name, text);

const LOOKING = [['runs'], ['promotions'], ['versions', TINY_MODEL], ['audit'], ['events'], ['status']];

test('an approver reads no logs', async () => {
  const answer = await as('approver', 'dev', 'logs');
  expect(answer.exitCode).toBe(exitCodes.denied);
  const told = await world.sluice('iam', 'denials', '--env', 'dev', '--json');
  expect(told.json<{ denials: unknown[] }>().denials[0]).toMatchObject({
    environment: 'dev',
    caller: expect.stringContaining(':assumed-role/sluice-dev-approver/'),
    action: 'logs:DescribeLogGroups',
    missing: { in: 'identity-based policy', statement: { Effect: 'Allow', Action: 'logs:DescribeLogGroups' } },
  });
  const shown = await world.sluice('iam', 'denials');
  expect(shown.out).toMatch(
    /^ENV +WHO +ACTION +RESOURCE +WHY +WHEN\ndev +sluice-dev-approver +logs:DescribeLogGroups /,
  );
});

describe.each(['engineer', 'approver'] as const)('as %s', (role) => {
  test.each(environments)('everything that happens in %s can be looked at', async (env) => {
    for (const command of LOOKING) {
      const answer = await as(role, env, ...command);
      // Where there is no such model yet, that is the answer: nobody was turned away.
      const expected = command[0] === 'versions' && env !== 'dev' ? [exitCodes.ok, exitCodes.notFound] : [exitCodes.ok];
      expect(expected, `${command.join(' ')}: ${answer.err}`).toContain(answer.exitCode);
    }
    const latest = await as(role, env, 'run', 'latest');
    // A run that failed is shown all the same, and told by the status.
    expect([exitCodes.ok, exitCodes.failed, exitCodes.notFound], latest.err).toContain(latest.exitCode);
  });
});

describe('an engineer', () => {
  test('reads what the functions wrote', async () => {
    const all = await as('engineer', 'dev', 'logs', '--since', '1d', '--json');
    expect(all.exitCode, all.err).toBe(exitCodes.ok);
    const { lines } = all.json<{ lines: { function: string; message: string }[] }>();
    expect(new Set(lines.map((line) => line.function)).size).toBeGreaterThan(3);
    const one = await as('engineer', 'dev', 'logs', 'train-model', '--since', '1d');
    expect(one.exitCode, one.err).toBe(exitCodes.ok);
    expect(one.out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}train-model {2}START RequestId: /m);
    const none = await as('engineer', 'dev', 'logs', 'no-such-function');
    expect(none.exitCode).toBe(exitCodes.notFound);
    expect(none.err).toContain('No function no-such-function in dev has a log');
  });

  test(
    'uploads data and publishes recipes in DEV, where that trains',
    async () => {
      const folder = dirname(file('model.yaml', tinyModelYaml().replace('max: 100000', 'max: 100001')));
      const published = await as('engineer', 'dev', 'publish', folder);
      expect(published.exitCode, published.err).toBe(exitCodes.ok);
      await championOfDev(world);
      const uploaded = await as(
        'engineer',
        'dev',
        'upload',
        file('more.csv', tinyCsv(7)),
        '--model',
        TINY_MODEL,
        '--wait',
      );
      expect(uploaded.exitCode, uploaded.err + uploaded.out).toBe(exitCodes.ok);
    },
    PATIENCE_MS,
  );

  test.each(['acc', 'prd'] as const)('uploads data to %s, and publishes nothing there', async (env) => {
    const uploaded = await as('engineer', env, 'upload', file('own.csv', tinyCsv(8)), '--model', TINY_MODEL);
    expect(uploaded.exitCode, uploaded.err).toBe(exitCodes.ok);
    const refused = await as('engineer', env, 'publish', dirname(file('model.yaml', tinyModelYaml())));
    expect(refused.exitCode, refused.out).not.toBe(exitCodes.ok);
  });

  test(
    'asks for predictions and starts a run again',
    async () => {
      await championOfDev(world);
      const predicted = await as('engineer', 'dev', 'predict', TINY_MODEL, '--file', file('rows.csv', tinyCsv(9, 3)));
      expect(predicted.exitCode, predicted.err).toBe(exitCodes.ok);
      const runs = (await world.runs('dev')).filter(({ status }) => status === 'succeeded');
      for (const machine of ['train-', 'promotion-']) {
        const run = runs.find(({ runId }) => runId.startsWith(machine));
        const replayed = await as('engineer', 'dev', 'replay', run?.runId ?? 'none');
        expect(replayed.exitCode, replayed.err).toBe(exitCodes.ok);
      }
      await eventually('quiet in DEV', async () => (await world.isQuiet('dev')) || undefined);
    },
    PATIENCE_MS,
  );

  test('approves nothing', async () => {
    const answer = await as('engineer', 'dev', 'approve', 'latest', '--reason', 'mine');
    expect(answer.exitCode, answer.out).not.toBe(exitCodes.ok);
  });
});

describe('an approver', () => {
  test('uploads and publishes nothing, and asks the model nothing', async () => {
    for (const command of [
      ['upload', file('a.csv', tinyCsv(3)), '--model', TINY_MODEL],
      ['publish', dirname(file('model.yaml', tinyModelYaml()))],
      ['predict', TINY_MODEL, '--file', file('rows.csv', tinyCsv(9, 3))],
    ]) {
      const answer = await as('approver', 'dev', ...command);
      expect(answer.exitCode, `${command[0]}: ${answer.out}`).toBe(exitCodes.denied);
    }
  });
});

describe('sluice iam can', () => {
  const can = (env: Environment, ...args: string[]) => world.sluice('iam', 'can', ...args, '--env', env, '--json');
  const bucket = (env: Environment, kind: string) =>
    world.connection[env].names[kind as 'dataBucket' | 'artifactsBucket'];

  test('says yes with the statement that allows it', async () => {
    const answer = await can(
      'dev',
      'train-model',
      's3:GetObject',
      `arn:aws:s3:::${bucket('dev', 'artifactsBucket')}/recipes/x`,
    );
    expect(answer.exitCode, answer.err).toBe(exitCodes.ok);
    expect(answer.json()).toMatchObject({
      allowed: true,
      statements: [
        { policy: 'train-model', policyType: 'role', statement: { Sid: 'ReadArtifacts', Action: ['s3:GetObject'] } },
      ],
    });
  });

  test('says no where nothing allows it, and where the resource denies it', async () => {
    const foreign = await can('acc', 'move-artifact', 's3:GetObject', `arn:aws:s3:::${bucket('dev', 'dataBucket')}/x`);
    expect(foreign.exitCode, foreign.out).toBe(exitCodes.failed);
    expect(foreign.json()).toMatchObject({
      allowed: false,
      decision: 'explicitDeny',
      statements: [{ statement: { Sid: 'OwnAccountOnly' } }],
    });
    const own = await can(
      'dev',
      'predict',
      's3:PutObject',
      `arn:aws:s3:::${bucket('dev', 'artifactsBucket')}/models/x`,
    );
    expect(own.json()).toMatchObject({ allowed: false, decision: 'implicitDeny', statements: [] });
  });

  test('takes condition keys, and crosses accounts by both policies', async () => {
    const outbound = `arn:aws:s3:::${bucket('dev', 'artifactsBucket')}/outbound/x`;
    expect((await can('acc', 'move-artifact', 's3:GetObject', outbound)).exitCode).toBe(exitCodes.ok);
    expect((await can('prd', 'move-artifact', 's3:GetObject', outbound)).exitCode).toBe(exitCodes.failed);
    const url = `arn:aws:lambda:eu-west-1:${world.connection.dev.accountId}:function:sluice-dev-predict`;
    expect((await can('dev', 'engineer', 'lambda:InvokeFunctionUrl', url)).exitCode).toBe(exitCodes.failed);
    const signed = await can(
      'dev',
      'engineer',
      'lambda:InvokeFunctionUrl',
      url,
      '--context',
      'lambda:FunctionUrlAuthType=AWS_IAM',
    );
    expect(signed.exitCode, signed.err).toBe(exitCodes.ok);
  });

  test('knows no role that is not there', async () => {
    expect((await can('dev', 'nobody', 's3:GetObject', '*')).exitCode).toBe(exitCodes.notFound);
  });
});
