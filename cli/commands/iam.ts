import { Command, InvalidArgumentError } from 'commander';
import { type Environment, environments } from '../../domain/environment.ts';
import { type Cli, printJson, withConnection } from '../cli.ts';
import { withEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type AccessAnswer, type AccessQuestion, askAccess } from '../iam/ask-access.ts';
import type { Connection } from '../target/connection.ts';
import { denialsCommand } from './iam-denials.ts';

interface CanOptions {
  readonly env: Environment;
  readonly profile?: string;
  readonly json?: boolean;
  readonly context?: readonly { readonly key: string; readonly value: string }[];
}

export const iamCommand = (cli: Cli): Command =>
  new Command('iam')
    .description('what roles may do, and which statement says so; which calls were denied')
    .addCommand(canCommand(cli))
    .addCommand(denialsCommand(cli));

const canCommand = (cli: Cli): Command =>
  withEnvironment(new Command('can'))
    .description('whether a role may do something; the exit status is 1 when it may not')
    .argument('<role>', 'train-model, sluice-dev-train-model, or an ARN')
    .argument('<action>', 's3:GetObject')
    .argument('<resource>', 'the ARN, or * for an action that is about no resource')
    .option('--context <key=value>', 'a condition key of the request (repeat it)', readContext)
    .addHelpText(
      'after',
      `
The role's policies and the resource's are asked, as for a real request; the answer names the statement that decided. A condition key
that the request would have and IAM cannot know of is given with --context.

Examples:
  sluice iam can train-model s3:GetObject arn:aws:s3:::sluice-dev-artifacts-111111111111/recipes/x.json
  sluice iam can predict kms:Decrypt KEY_ARN --context kms:ViaService=s3.eu-west-1.amazonaws.com --env prd

JSON: { environment, role, action, resource, allowed, decision, statements: [{ policy, policyType, statement }], missingContext }`,
    )
    .action(async (role: string, action: string, resource: string, options: CanOptions) => {
      const question: AccessQuestion = { role, action, resource, context: options.context ?? [] };
      const answer = await withConnection(cli, options, (connection) =>
        withOwner(cli, connection, resource, (owner) => askAccess(connection, owner, question)),
      );
      const { roleArn, ...rest } = answer;
      if (options.json) printJson(cli, { environment: options.env, role: roleArn, action, resource, ...rest });
      else print(cli, question, answer);
      if (!answer.allowed) {
        throw new Failure(exitCodes.failed, `${roleArn} may not ${action} on ${resource}`, {
          hint: answer.decision === 'explicitDeny' ? 'a statement denies it' : 'no statement allows it',
        });
      }
    });

/** A bucket is in whichever environment has its name; every other ARN names its account. */
async function withOwner<T>(
  cli: Cli,
  connection: Connection,
  resource: string,
  work: (owner: Connection | undefined) => Promise<T>,
): Promise<T> {
  const env = environments.find((each) => resource.startsWith(`arn:aws:s3:::sluice-${each}-`));
  const accountId = resource.split(':')[4];
  if (env === undefined ? !accountId || accountId === connection.accountId : env === connection.environment) {
    return work(connection);
  }
  for (const each of env === undefined ? environments.filter((one) => one !== connection.environment) : [env]) {
    const owner = await cli.connect({ env: each });
    try {
      if (env !== undefined || owner.accountId === accountId) return await work(owner);
    } finally {
      owner.close();
    }
  }
  return work(undefined);
}

function print(cli: Cli, { action, resource }: AccessQuestion, answer: AccessAnswer): void {
  const { terminal } = cli;
  const { paint } = terminal;
  terminal.out(`${answer.allowed ? paint.good('yes') : paint.bad('no')}  ${answer.roleArn}  ${action}  ${resource}`);
  for (const { policy, policyType, statement } of answer.statements) {
    terminal.out(`${answer.allowed ? 'allowed' : 'denied'} by ${policyType} policy ${policy}:`);
    terminal.out(JSON.stringify(statement, null, 2));
  }
  if (answer.statements.length === 0) terminal.out('No statement allows it.');
  if (!answer.allowed && answer.missingContext.length > 0) {
    terminal.out(`Conditions ask for ${answer.missingContext.join(', ')}: give it with --context key=value.`);
  }
}

function readContext(text: string, before: CanOptions['context'] = []): NonNullable<CanOptions['context']> {
  const at = text.indexOf('=');
  if (at < 1)
    throw new InvalidArgumentError('It must be key=value, such as kms:ViaService=s3.eu-west-1.amazonaws.com.');
  return [...before, { key: text.slice(0, at), value: text.slice(at + 1) }];
}
