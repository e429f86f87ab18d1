import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runSluice } from '../test/support/recording-cli.ts';

const nowhere = () => ({ home: join(mkdtempSync(join(tmpdir(), 'cli-')), 'not-there') });

test('help names every command and what the exit status says', async () => {
  const { exitCode, out } = await runSluice(['--help'], nowhere());
  expect(exitCode).toBe(0);
  for (const command of 'up down status publish upload runs run replay promotions approve reject versions predict events logs audit state-machine'.split(
    ' ',
  )) {
    expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
  }
  expect(out).toContain('Exit status:');
});

test('every command that prints takes --json and says the shape of it', async () => {
  const names =
    'up down status publish upload runs run replay promotions approve reject versions predict events logs audit';
  for (const command of [...names.split(' '), 'state-machine test', 'iam can', 'iam denials']) {
    const { out } = await runSluice([...command.split(' '), '--help'], nowhere());
    expect(out, command).toContain('--json');
    expect(out, command).toMatch(/JSON: /);
  }
});

test.each([
  { case: 'no such command', args: ['stauts'], says: /Did you mean status/ },
  { case: 'no such option', args: ['runs', '--modle', 'x'], says: /Did you mean --model/ },
  { case: 'no such environment', args: ['runs', '--env', 'prod'], says: /Allowed choices are dev, acc, prd/ },
  { case: 'an approval without a comment', args: ['approve', 'latest'], says: /--comment/ },
  { case: 'an empty comment', args: ['approve', 'latest', '--comment', ' '], says: /comment is empty/ },
  { case: 'a port that is none', args: ['up', '--port', '70000'], says: /from 1 to 65535/ },
  { case: 'a limit that is no number', args: ['runs', '--limit', 'many'], says: /whole number/ },
  { case: 'a time that is none', args: ['logs', '--since', 'yesterday'], says: /how long ago/ },
  {
    case: 'a file that is not there',
    args: ['upload', '/no/such.csv', '--model', 'credit-risk'],
    says: /no file \/no\/such.csv/,
  },
  { case: 'a folder as a file', args: ['upload', '/tmp', '--model', 'credit-risk'], says: /\/tmp is not a file/ },
  { case: 'no rows', args: ['predict', 'credit-risk'], says: /--row/ },
  { case: 'audit events followed', args: ['events', '--follow', '--type', 'Audit Recorded'], says: /sluice audit/ },
  { case: 'a profile without an environment', args: ['status', '--profile', 'x'], says: /--env/ },
])('case: status 2, and what to do', async ({ args, says }) => {
  const { exitCode, out, err } = await runSluice(args, nowhere());
  expect(exitCode).toBe(2);
  expect(err).toMatch(says);
  expect(out).toBe('');
});

test('a name that no model can have is refused before anything is sent', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'cli-')), 'a.csv');
  writeFileSync(file, 'a\n1\n');
  const { exitCode, err } = await runSluice(['upload', file, '--model', '../etc'], nowhere());
  expect(exitCode).toBe(2);
  expect(err).toContain('"../etc" is no name of a model');
});

test('without a runtime the status is 3, and the words say how to start one', async () => {
  const { exitCode, err } = await runSluice(['runs'], nowhere());
  expect(exitCode).toBe(3);
  expect(err).toContain('npm start');
});

test('a runtime that was killed is told from one that never ran', async () => {
  const home = mkdtempSync(join(tmpdir(), 'cli-'));
  // Port 1 on the loopback address: nobody listens.
  writeFileSync(
    join(home, 'runtime.json'),
    JSON.stringify({ url: 'http://127.0.0.1:1', pid: 4_194_305, region: 'eu-west-1' }),
  );
  writeFileSync(join(home, 'credentials'), '[sluice-dev]\naws_access_key_id = AKIA\naws_secret_access_key = x\n');
  const { exitCode, err } = await runSluice(['runs'], { home });
  expect(exitCode).toBe(3);
  expect(err).toContain('does not answer');
  expect(err).toContain('sluice up');
});

test('with --json an error is JSON too, and stdout stays empty', async () => {
  const { exitCode, out, err } = await runSluice(['runs', '--json'], nowhere());
  expect(JSON.parse(err)).toMatchObject({ error: { exitCode, hint: expect.stringContaining('npm start') } });
  expect(out).toBe('');
});

test('a stack trace is shown only to those who ask for it', async () => {
  expect((await runSluice(['runs'], nowhere())).err).not.toMatch(/\n\s+at /);
  expect((await runSluice(['runs'], { ...nowhere(), variables: { SLUICE_DEBUG: '1' } })).err).toMatch(/\n\s+at /);
});
