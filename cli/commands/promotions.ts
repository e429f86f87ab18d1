import { Command, Option } from 'commander';
import type { Promotion } from '../../domain/promotion.ts';
import { type AnyEnvironmentOptions, type Cli, inEnvironments, printJson } from '../cli.ts';
import { wholeNumber, withAnyEnvironment } from '../command-options.ts';
import { formatAge } from '../output/durations.ts';
import { headlineMetric } from '../output/figures.ts';
import { printable } from '../output/paint.ts';
import { formatTable } from '../output/table.ts';
import { newest, promotionsOf } from '../promotions/find-promotion.ts';
import { paintOfStatus } from './runs.ts';

interface PromotionsOptions extends AnyEnvironmentOptions {
  readonly model?: string;
  readonly status?: Promotion['status'];
  readonly limit: number;
}

const statuses: readonly Promotion['status'][] = ['running', 'awaiting-approval', 'promoted', 'rejected'];

export const promotionsCommand = (cli: Cli): Command =>
  withAnyEnvironment(new Command('promotions'))
    .description('list promotions, newest first, with the gates that they passed or that held them')
    .option('--model <name>', 'only of this model')
    .addOption(new Option('--status <status>', 'only with this status').choices(statuses))
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .addHelpText(
      'after',
      `
Examples:
  sluice promotions --status awaiting-approval
  sluice promotions --env prd --model credit-risk

JSON: { promotions: [{ environment, promotionId, request, runId, status, approvalsRequired, gates, reasons, modelDigest, startedAt, endedAt }] }`,
    )
    .action(async (options: PromotionsOptions) => {
      const found = await inEnvironments(cli, options, (connection) => promotionsOf(connection, options.model));
      const promotions = newest(found.flat())
        .filter((promotion) => options.status === undefined || promotion.status === options.status)
        .slice(0, options.limit);
      if (options.json) return printJson(cli, { promotions });
      const { terminal } = cli;
      if (promotions.length === 0) return terminal.out('No promotions');
      const lines = formatTable(
        [
          { title: 'INTO' },
          { title: 'PROMOTION', keep: true },
          { title: 'MODEL' },
          { title: 'FROM', leaves: 2 },
          { title: 'STATUS', keep: true },
          { title: 'OFFERED WITH', leaves: 1 },
          { title: 'STARTED', leaves: 3 },
          { title: 'GATES' },
        ],
        promotions.map((promotion) => [
          promotion.environment,
          promotion.promotionId,
          promotion.request.model,
          promotion.request.from ?? 'here',
          { text: promotion.status, paint: paintOfStatus(terminal.paint, promotion.status) },
          headlineMetric(promotion.request.metrics),
          formatAge(promotion.startedAt, cli.clock.now()),
          gatesOf(promotion),
        ]),
        { width: terminal.columns, heading: terminal.paint.dim },
      );
      for (const line of lines) terminal.out(line);
      for (const { promotionId, reasons } of promotions.filter((one) => one.reasons.length > 0)) {
        terminal.out('');
        terminal.out(terminal.paint.bad(promotionId));
        for (const reason of reasons) terminal.out(`  ${printable(reason)}`);
      }
    });

function gatesOf({ gates }: Pick<Promotion, 'gates'>): string {
  if (gates.length === 0) return '';
  const held = gates.filter((gate) => gate.verdict === 'held');
  return held.length === 0
    ? `${gates.length} passed`
    : `${held.length} of ${gates.length} held: ${held.map((gate) => gate.gate).join(', ')}`;
}
