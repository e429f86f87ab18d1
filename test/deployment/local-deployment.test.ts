import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployStack } from '../../local/deploy/deploy-stack.ts';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { packageDeployment, type Stage, stages } from '../../scripts/package-deployment.ts';
import { accounts, root } from './packaged.ts';

let directory: string;
let runtime: Runtime;
beforeAll(async () => {
  await packageDeployment(root, stages);
  directory = mkdtempSync(join(tmpdir(), 'local-deployment-'));
  runtime = await start();
});
afterAll(async () => {
  await runtime?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const start = () =>
  startRuntime({
    directory,
    port: 0,
    region: 'eu-west-1',
    accounts: stages.map((stage) => ({ accountId: accounts[stage], name: stage })),
  });

const deploy = (stage: Stage) =>
  deployStack({
    stackName: `sluice-${stage}`,
    templateDirectory: join(root, '.serverless', stage),
    accountId: accounts[stage],
    region: 'eu-west-1',
    handlers: runtime.resourceHandlers(accounts[stage]),
    store: runtime.store(accounts[stage]),
  });

it('the packaged deployment of every environment deploys whole into its account of the local runtime', async () => {
  for (const stage of stages) {
    const { changes, outputs } = await deploy(stage);
    expect(changes.every(({ action }) => action === 'created')).toBe(true);
    expect(outputs).toMatchObject({
      TrainModelMachineArn: `arn:aws:states:eu-west-1:${accounts[stage]}:stateMachine:sluice-${stage}-train-model`,
      PromoteModelMachineArn: `arn:aws:states:eu-west-1:${accounts[stage]}:stateMachine:sluice-${stage}-promote-model`,
      PredictLambdaFunctionUrl: expect.stringMatching(/^http/),
      RecordApprovalLambdaFunctionUrl: expect.stringMatching(/^http/),
    });
  }
});

it('deploying it again changes nothing, after a restart too', async () => {
  for (const stage of stages) expect((await deploy(stage)).changes, stage).toEqual([]);
  await runtime.stop();
  runtime = await start();
  for (const stage of stages) expect((await deploy(stage)).changes, stage).toEqual([]);
});
