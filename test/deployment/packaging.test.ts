import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildFunctions } from '../../scripts/build-functions.ts';
import { packageDeployment } from '../../scripts/package-deployment.ts';
import { root } from './packaged.ts';

/** A service of one function, so that what is asserted about building and packaging does not hang on the real one. */
let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'packaging-'));
  writeFunction(
    'greet',
    "import { greeting } from '../../greeting.ts';\nexport const handler = async () => greeting;\n",
  );
  writeFileSync(join(project, 'greeting.ts'), "export const greeting = 'hello';\n");
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  cpSync(join(root, 'package-lock.json'), join(project, 'package-lock.json'));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  writeService('greet');
});
afterEach(() => rmSync(project, { recursive: true }));

function writeFunction(name: string, source: string): void {
  mkdirSync(join(project, 'functions', name), { recursive: true });
  writeFileSync(join(project, 'functions', name, 'handler.ts'), source);
}

function writeService(name: string, more = ''): void {
  writeFileSync(
    join(project, 'serverless.yml'),
    `service: greeter
configValidationMode: error
provider: { name: aws, runtime: nodejs24.x, region: eu-west-1, stage: dev }
functions:
  ${name}: { handler: index.handler, package: { artifact: dist/${name}.zip } }
${more}`,
  );
}

const bytes = (path: string) => readFileSync(join(project, path));

it('builds what was never built, and then only what changed', async () => {
  writeFunction('part', 'export const handler = async () => 1;\n');
  expect(await buildFunctions(project)).toEqual({ built: ['greet', 'part'], unchanged: [] });
  expect(await buildFunctions(project)).toEqual({ built: [], unchanged: ['greet', 'part'] });
  writeFileSync(join(project, 'greeting.ts'), "export const greeting = 'good evening';\n");
  expect(await buildFunctions(project)).toEqual({ built: ['greet'], unchanged: ['part'] });
});

it('builds a bundle again that was changed or lost on disk', async () => {
  await buildFunctions(project);
  rmSync(join(project, 'dist', 'greet.zip'));
  expect((await buildFunctions(project)).built).toEqual(['greet']);
  writeFileSync(join(project, 'dist', 'greet.zip'), 'tampered with');
  expect((await buildFunctions(project)).built).toEqual(['greet']);
});

it('gives the same bytes for the same source, as one module that runs', async () => {
  await buildFunctions(project);
  const first = bytes('dist/greet.zip');
  rmSync(join(project, 'dist'), { recursive: true });
  await buildFunctions(project);
  expect(bytes('dist/greet.zip').equals(first)).toBe(true);

  const files = unzipSync(first);
  expect(Object.keys(files)).toEqual(['index.mjs']);
  expect(Buffer.from(files['index.mjs'] ?? []).equals(bytes('dist/greet/index.mjs'))).toBe(true);
  const module = (await import(join(project, 'dist/greet/index.mjs'))) as { handler: () => Promise<string> };
  expect(await module.handler()).toBe('hello');
});

it('takes the bundle of a function that is gone out of dist', async () => {
  writeFunction('gone', 'export const handler = async () => 1;\n');
  await buildFunctions(project);
  rmSync(join(project, 'functions', 'gone'), { recursive: true });
  await buildFunctions(project);
  expect(existsSync(join(project, 'dist/gone.zip'))).toBe(false);
  expect(existsSync(join(project, 'dist/gone'))).toBe(false);
});

it('packages stages at the same time, each with its template and its code, and only when something changed', async () => {
  const first = await packageDeployment(project, ['dev', 'acc']);
  expect(first.stages.map(({ stage, packaged }) => [stage, packaged])).toEqual([
    ['dev', true],
    ['acc', true],
  ]);
  for (const stage of ['dev', 'acc']) {
    const template = JSON.parse(bytes(`.serverless/${stage}/cloudformation-template-update-stack.json`).toString());
    expect(template.Resources.GreetLambdaFunction.Properties.FunctionName).toBe(`greeter-${stage}-greet`);
    expect(bytes(`.serverless/${stage}/greet.zip`).equals(bytes('dist/greet.zip'))).toBe(true);
  }
  const again = await packageDeployment(project, ['dev', 'acc']);
  expect(again.stages.map(({ packaged }) => packaged)).toEqual([false, false]);
});

it('names new code by a new key, in the template and in the packager’s own state, or CloudFormation would see no change', async () => {
  const keys = () =>
    ['cloudformation-template-update-stack.json', 'serverless-state.json'].map(
      (name) =>
        new Set(
          bytes(`.serverless/dev/${name}`)
            .toString()
            .match(/serverless\/greeter\/dev\/[^/"]+(?=\/greet\.zip)/g),
        ),
    );
  await packageDeployment(project, ['dev']);
  const before = keys();
  writeFileSync(join(project, 'greeting.ts'), "export const greeting = 'good evening';\n");
  const { stages } = await packageDeployment(project, ['dev']);
  expect(stages).toMatchObject([{ stage: 'dev', packaged: true }]);
  const after = keys();
  expect(after.map((each) => each.size)).toEqual([1, 1]);
  expect(after[0]).toEqual(after[1]);
  expect(after[0]).not.toEqual(before[0]);
  expect(bytes('.serverless/dev/greet.zip').equals(bytes('dist/greet.zip'))).toBe(true);
});

it('does not package half when the code does not bundle', async () => {
  await packageDeployment(project, ['dev']);
  writeFileSync(join(project, 'greeting.ts'), 'export const greeting = ;\n');
  await expect(packageDeployment(project, ['dev'])).rejects.toThrow('greeting.ts');
});

it('does not package a setting that it does not know, and keeps the package that was there', async () => {
  await packageDeployment(project, ['dev']);
  const before = bytes('.serverless/dev/cloudformation-template-update-stack.json');
  writeService('greet', 'custom: { fine: true }\nretries: 3\n');
  await expect(packageDeployment(project, ['dev'])).rejects.toThrow(/cannot be packaged for dev:[\s\S]*retries/);
  expect(bytes('.serverless/dev/cloudformation-template-update-stack.json').equals(before)).toBe(true);
});
