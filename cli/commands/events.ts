import { Command, Option } from 'commander';
import { events } from '../../contracts/events/catalogue.ts';
import { type Environment, environments } from '../../domain/environment.ts';
import type { Fact } from '../../domain/fact.ts';
import { type AnyEnvironmentOptions, type Cli, inEnvironments, printJson, withConnection } from '../cli.ts';
import { wholeNumber, withAnyEnvironment } from '../command-options.ts';
import { FactFollower } from '../events/fact-follower.ts';
import { factLine } from '../events/fact-line.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Connection } from '../target/connection.ts';

interface EventsOptions extends AnyEnvironmentOptions {
  readonly follow?: boolean;
  readonly type?: readonly string[];
  readonly limit: number;
}

const POLL_MS = 500;
const AUDIT = 'Audit Recorded';
const types = events.map((event) => event.type);
const DEFAULT_TYPES = types.filter((type) => type !== AUDIT);

export const eventsCommand = (cli: Cli): Command =>
  withAnyEnvironment(new Command('events'))
    .description('list the facts that were told lately, or tell each as it happens')
    .option('--follow', 'tell each as it happens, until Ctrl-C')
    .addOption(new Option('--type <types...>', `only of these types (default: all but "${AUDIT}")`).choices(types))
    .option('--limit <n>', 'without --follow: at most so many', wholeNumber, 30)
    .addHelpText(
      'after',
      `
Examples:
  sluice events
  sluice events --follow --env prd
  sluice events --follow --type "Model Promoted" "Promotion Rejected" --json

JSON: { facts: [{ id, type, version, environment, at, runId, data }] }; with --follow one fact a line, without indent.
The shape of data for each type stands in contracts/events/.`,
    )
    .action(async (options: EventsOptions) => {
      if (options.follow) return follow(cli, options);
      const found = await inEnvironments(cli, options, (connection) => lately(connection, options));
      const facts = found
        .flat()
        .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
        .slice(-options.limit);
      if (options.json) return printJson(cli, { facts });
      if (facts.length === 0) cli.terminal.out('Nothing was told in the last 30 days');
      for (const fact of facts) cli.terminal.out(factLine(fact, cli.terminal.paint));
    });

async function lately(connection: Connection, { type, limit }: EventsOptions): Promise<Fact[]> {
  const wanted = new Set(type ?? DEFAULT_TYPES);
  if (wanted.has(AUDIT)) {
    const [facts, audit] = await Promise.all([
      connection.registry.facts(limit),
      connection.registry.auditEvents({ environment: true }),
    ]);
    const recorded = audit.map(
      (event): Fact => ({
        id: event.key,
        type: AUDIT,
        version: 1,
        environment: event.environment,
        at: event.at,
        runId: event.runId,
        data: { audit: event },
      }),
    );
    return [...facts.filter((fact) => wanted.has(fact.type as (typeof types)[number])), ...recorded];
  }
  // Filtered here, so more is read than shown: a fact's type is no key of the table.
  const facts = await connection.registry.facts(type ? limit * 10 : limit);
  return facts.filter((fact) => wanted.has(fact.type as (typeof types)[number])).slice(0, limit);
}

async function follow(cli: Cli, options: EventsOptions): Promise<void> {
  if (options.type?.includes(AUDIT)) {
    throw new Failure(exitCodes.usage, `--follow does not tell "${AUDIT}"`, {
      hint: 'list them with `sluice audit`; to hear of each as it happens, put a rule on the bus (README.md, "Subscribe to what happens")',
    });
  }
  const wanted = options.env ? [options.env] : environments;
  await Promise.all(wanted.map((env) => followOne(cli, { ...options, env })));
}

async function followOne(cli: Cli, options: EventsOptions & { readonly env: Environment }): Promise<void> {
  const wanted = new Set<string>(options.type ?? DEFAULT_TYPES);
  await withConnection(cli, options, async ({ registry, names }) => {
    const follower = await FactFollower.begin(registry.facts);
    cli.terminal.err(cli.terminal.paint.dim(`Listening to what ${names.bus} is told; Ctrl-C ends it`));
    while (!cli.interrupted.aborted) {
      for (const fact of await follower.next()) {
        if (!wanted.has(fact.type)) continue;
        cli.terminal.out(options.json ? JSON.stringify(fact) : factLine(fact, cli.terminal.paint));
      }
      await cli.pause(POLL_MS);
    }
  });
}
