import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  asList,
  functionFolders,
  ofType,
  type PackagedTemplate,
  packagedTemplates,
  policyStatements,
  root,
  type Stage,
  type Statement,
  stages,
  withoutPrefix,
} from './packaged.ts';

let templates: Readonly<Record<Stage, PackagedTemplate>>;
beforeAll(async () => {
  templates = await packagedTemplates();
});

const functionsOf = (stage: Stage) =>
  ofType(templates[stage], 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);

describe.each(stages)('in %s', (stage) => {
  it('a function URL asks for a signature', () => {
    const urls = ofType(templates[stage], 'AWS::Lambda::Url');
    expect(urls.map(([, { Properties }]) => [Properties.TargetFunctionArn, Properties.AuthType])).toEqual([
      ['<RecordApprovalLambdaFunction.Arn>', 'AWS_IAM'],
      ['<PredictLambdaFunction.Arn>', 'AWS_IAM'],
    ]);
  });

  it('every function has code in functions/, and all code in functions/ is deployed', () => {
    const deployed = ofType(templates[stage], 'AWS::Lambda::Function').map(([, { Properties }]) =>
      withoutPrefix(stage, Properties.FunctionName),
    );
    expect(deployed.sort()).toEqual(functionFolders());
  });

  it('every function runs on nodejs24.x and arm64 with memory and time that were chosen', () => {
    for (const [id, { Properties }] of ofType(templates[stage], 'AWS::Lambda::Function')) {
      expect(Properties, id).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
      expect(Properties.MemorySize, id).toBeGreaterThanOrEqual(256);
      expect(Properties.Timeout, id).toBeGreaterThanOrEqual(30);
    }
  });
});

/** Settings that a function can do without, as dev does without a predecessor, and the permission that goes with having them. */
const OPTIONAL: Readonly<Record<string, (role: readonly Statement[]) => boolean>> = {
  SLUICE_TRAIN_MACHINE: (role) => allows(role, 'states:StartExecution', /-train-model$/),
  SLUICE_PROMOTE_MACHINE: (role) => allows(role, 'states:StartExecution', /-promote-model$/),
  SLUICE_SIGNING_KEY: (role) =>
    allows(role, 'kms:Sign', /^<SigningKey.Arn>$/) || allows(role, 'kms:Verify', /^<SigningKey.Arn>$/),
  SLUICE_PREDECESSOR_SIGNING_KEY: (role) => allows(role, 'kms:Verify', /:key\/\*$/),
  SLUICE_PREDECESSOR_ARTIFACTS_BUCKET: (role) => allows(role, 's3:GetObject', /\/outbound\/\*$/),
  SLUICE_PREDECESSOR_ACCOUNT: () => true,
};

const allows = (role: readonly Statement[], action: string, resource: RegExp): boolean =>
  role.some(
    ({ Action, Resource }) => asList(Action).includes(action) && asList(Resource).some((each) => resource.test(each)),
  );

it.each(functionFolders())('%s gets the environment variables that it reads, and no others', (name) => {
  const bundle = join(root, 'dist', name, 'index.mjs');
  expect(existsSync(bundle), `functions/${name}/handler.ts is not there yet`).toBe(true);
  const code = readFileSync(bundle, 'utf8');
  const read = (by: string) =>
    [...code.matchAll(new RegExp(`\\b${by}\\("(SLUICE_[A-Z_]+)"\\)`, 'g'))].map(([, variable]) => variable as string);
  const deployed = functionsOf('acc').find(({ FunctionName }) => FunctionName === `sluice-acc-${name}`);
  const role = policyStatements(templates.acc)
    .filter(({ logicalId }) => deployed?.Role === `<${logicalId}.Arn>`)
    .map(({ statement }) => statement);
  const optional = read('optionalSetting').filter((variable) => {
    const isFor = OPTIONAL[variable];
    expect(isFor, `${variable} is optional: say in OPTIONAL which functions are to have it`).toBeDefined();
    return isFor?.(role);
  });
  const expected = new Set(['SLUICE_ENVIRONMENT', ...read('setting'), ...optional]);
  expect(Object.keys(deployed?.Environment.Variables ?? {}).sort()).toEqual([...expected].sort());
});

it('no function is larger than half a megabyte to load: what is larger starts slower', () => {
  const sizes = functionFolders()
    .map((name) => ({ name, file: join(root, 'dist', `${name}.zip`) }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, bytes: statSync(file).size }));
  expect(sizes.filter(({ bytes }) => bytes > 512 * 1024)).toEqual([]);
});
