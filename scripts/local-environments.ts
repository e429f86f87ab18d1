import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployStack } from '../local/deploy/deploy-stack.ts';
import type { Runtime } from '../local/runtime.ts';
import type { PackagedStage, Stage } from './package-deployment.ts';
import { stages } from './package-deployment.ts';
import { type StageChange, toldChanges } from './told-changes.ts';

/** The default of serverless.yml. */
export const REGION = 'eu-west-1';

/** The account of each environment: serverless.yml takes the same ones. */
export const accountOf: Readonly<Record<Stage, string>> = {
  dev: process.env.SLUICE_DEV_ACCOUNT || '111111111111',
  acc: process.env.SLUICE_ACC_ACCOUNT || '222222222222',
  prd: process.env.SLUICE_PRD_ACCOUNT || '333333333333',
};

/** What `startRuntime` makes of them: an account and an AWS profile an environment. */
export const localAccounts = stages.map((stage) => ({ accountId: accountOf[stage], name: `sluice-${stage}` }));

/** Roles of the template that people take on, each with a profile of its own. */
const ROLES = ['engineer', 'approver'] as const;

/** Deploys each packaged stage into its account, and gives people's roles a profile. Resolves with what was changed. Throws DeploymentFailed, TemplateRefused. */
export async function deployEnvironments(
  runtime: Runtime,
  directory: string,
  packages: readonly PackagedStage[],
  onProgress: (text: string) => void = () => {},
): Promise<readonly StageChange[]> {
  const changed: StageChange[] = [];
  for (const { stage, directory: templateDirectory } of packages) {
    onProgress(`deploying ${stage} into account ${accountOf[stage]}`);
    const { changes } = await deployStack({
      stackName: `sluice-${stage}`,
      templateDirectory,
      accountId: accountOf[stage],
      region: REGION,
      handlers: runtime.resourceHandlers(accountOf[stage]),
      store: runtime.store(accountOf[stage]),
    });
    for (const text of toldChanges(stage, changes)) onProgress(text);
    changed.push(...changes.map((change) => ({ environment: stage, ...change })));
  }
  appendFileSync(join(directory, 'config'), roleProfiles(runtime.url));
  return changed;
}

/** `sluice-prd-approver` and so on, in AWS's words. The accounts' own profiles are there already, from the runtime. */
const roleProfiles = (url: string): string =>
  stages
    .flatMap((stage) =>
      ROLES.map((role) =>
        [
          '',
          `[profile sluice-${stage}-${role}]`,
          `role_arn = arn:aws:iam::${accountOf[stage]}:role/sluice-${stage}-${role}`,
          `source_profile = sluice-${stage}`,
          `role_session_name = ${role}`,
          `region = ${REGION}`,
          `endpoint_url = ${url}`,
          '',
        ].join('\n'),
      ),
    )
    .join('');
