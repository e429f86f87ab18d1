import { Command } from 'commander';
import type { Approval } from '../../domain/promotion.ts';
import { type AnyEnvironmentOptions, type Cli, printJson, withConnection } from '../cli.ts';
import { withAnyEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { headlineMetric, shortDigest } from '../output/figures.ts';
import { findPromotion, type ShownPromotion } from '../promotions/find-promotion.ts';
import type { Connection } from '../target/connection.ts';

interface DecideOptions extends AnyEnvironmentOptions {
  readonly comment: string;
}

/** The role that may approve, and nothing else. */
const ROLE = 'approver';

export const approveCommand = (cli: Cli): Command => decideCommand(cli, 'approve', 'approved');
export const rejectCommand = (cli: Cli): Command => decideCommand(cli, 'reject', 'refused');

const decideCommand = (cli: Cli, name: 'approve' | 'reject', decision: Approval['decision']): Command =>
  withAnyEnvironment(new Command(name))
    .description(
      name === 'approve'
        ? 'say yes to a promotion that waits for it, in your name'
        : 'say no to a promotion that waits for an approval, in your name',
    )
    .argument('<promotion>', 'the id of a promotion, or "latest" for the newest that waits')
    .requiredOption('--comment <text>', 'why (required); it is kept with your decision and signed')
    .addHelpText(
      'after',
      `
Acts as the profile sluice-<env>-approver where --profile names no other: the ARN that signs the request is who decided.

Examples:
  sluice ${name} latest --env prd --comment "${name === 'approve' ? 'figures reviewed' : 'wait for the audit'}"
  sluice ${name} promotion-5kd… --env prd --profile my-aws-profile --comment "…"

JSON: { environment, promotionId, candidateId, decision, by, approvals, required }`,
    )
    .action(async (promotionId: string, options: DecideOptions) => {
      if (options.comment.trim() === '')
        throw new Failure(exitCodes.usage, 'The comment is empty', { hint: 'say why, with --comment' });
      const promotion = await findPromotion(cli, options, promotionId, ROLE);
      const where = { env: promotion.environment, profile: options.profile };
      if (!options.json) showSubject(cli, promotion);
      if (promotion.status !== 'awaiting-approval') {
        throw new Failure(
          exitCodes.failed,
          `${promotion.promotionId} does not wait for an approval: it is ${promotion.status}`,
        );
      }
      await withConnection(
        cli,
        where,
        async (connection) => {
          const answer = await record(connection, promotion, decision, options.comment);
          if (options.json)
            return printJson(cli, { environment: promotion.environment, ...answer, by: connection.callerArn });
          const { good, bad } = cli.terminal.paint;
          cli.terminal.out(`${decision === 'approved' ? good('Approved') : bad('Refused')} by ${connection.callerArn}`);
        },
        ROLE,
      );
    });

function showSubject(cli: Cli, { request, environment, approvalsRequired, promotionId }: ShownPromotion): void {
  const { terminal } = cli;
  const source =
    request.from === null
      ? 'registered here'
      : `version ${request.version} of ${request.from}, ${request.strategy === 'retrain' ? 'to be trained again on the data of' : 'to be copied to'} ${environment}`;
  terminal.out(`${terminal.paint.bold(request.model)} into ${terminal.paint.bold(environment)}: ${source}`);
  terminal.out(
    `  candidate ${request.candidate.candidateId}, recipe ${shortDigest(request.candidate.recipeDigest)}, ${request.classification}`,
  );
  terminal.out(
    `  measured there: ${Object.keys(request.metrics).length > 0 ? headlineMetric(request.metrics) : 'nothing'}; approvals needed: ${approvalsRequired}`,
  );
  terminal.out(`  ${terminal.paint.dim(promotionId)}`);
}

async function record(
  connection: Connection,
  promotion: ShownPromotion,
  decision: Approval['decision'],
  comment: string,
) {
  const { promotionId, request } = promotion;
  const { candidateId } = request.candidate;
  const answer = await connection.postToFunction('record-approval', { promotionId, candidateId, decision, comment });
  if (answer.status === 200) return { promotionId, candidateId, decision, ...(JSON.parse(answer.text) as object) };
  const message = messageOf(answer.text);
  if (answer.status === 403) {
    throw new Failure(
      exitCodes.denied,
      `${connection.callerArn} may not decide in ${connection.environment}: ${message}`,
      {
        hint: `use a profile of the role sluice-${connection.environment}-approver`,
      },
    );
  }
  throw new Failure(exitCodes.failed, `The decision was not recorded (${answer.status}): ${message}`);
}

/** What a function URL says of a refusal: ours with `message`, AWS's own with `Message`. */
export function messageOf(text: string): string {
  try {
    const parsed = JSON.parse(text) as { message?: unknown; Message?: unknown };
    const message = parsed.message ?? parsed.Message;
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}
