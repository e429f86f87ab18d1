import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Command } from 'commander';
import { sha256 } from '../../adapters/system/sha256.ts';
import { sealRecipe } from '../../contracts/recipe/recipe-bundle.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import type { Fact } from '../../domain/fact.ts';
import { type Cli, type EnvironmentOptions, printJson, withConnection } from '../cli.ts';
import { withEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { shortDigest } from '../output/figures.ts';
import { gitCommitOf } from '../recipe/git-commit.ts';
import { readRecipe } from '../recipe/read-recipe.ts';
import type { Connection } from '../target/connection.ts';

interface PublishOptions extends EnvironmentOptions {
  readonly wait: boolean;
}

const WAIT_MS = 60_000;

export const publishCommand = (cli: Cli): Command =>
  withEnvironment(new Command('publish'))
    .description('check a model project and publish its recipe; it trains when the environment has data')
    .argument('<directory>', 'the folder with model.yaml, and training/ for code of your own')
    .option('--no-wait', 'do not wait until the environment has accepted it')
    .addHelpText(
      'after',
      `
Examples:
  sluice publish examples/credit-risk
  sluice publish . --env dev --json

JSON: { model, environment, recipeDigest, commit, key, accepted }; accepted is null with --no-wait.`,
    )
    .action(async (directory: string, options: PublishOptions) => {
      const { commit, reason } = gitCommitOf(directory);
      const recipe = readRecipe(directory, commit);
      const { recipeDigest, text } = sealRecipe(recipe, sha256);
      const key = artifactKeys.incoming(recipe.model, recipeDigest);
      if (reason !== null) cli.terminal.err(cli.terminal.paint.dim(`Published without a commit: ${reason}.`));
      await withConnection(cli, options, async (connection) => {
        const { names, environment } = connection;
        await connection.s3.send(
          new PutObjectCommand({
            Bucket: names.artifactsBucket,
            Key: key,
            Body: text,
            ContentType: 'application/json',
          }),
        );
        const accepted = options.wait ? await isAccepted(cli, connection, recipe.model, recipeDigest, key) : null;
        if (options.json) printJson(cli, { model: recipe.model, environment, recipeDigest, commit, key, accepted });
        else
          cli.terminal.out(
            `Recipe ${shortDigest(recipeDigest)} of ${recipe.model} is ${accepted ? 'accepted in' : 'on its way to'} ${environment}`,
          );
      });
    });

/** Waits for the environment's word. Throws Failure with its problems where it refuses. */
async function isAccepted(
  cli: Cli,
  connection: Connection,
  model: string,
  recipeDigest: string,
  key: string,
): Promise<true> {
  const deadline = cli.clock.monotonicMs() + WAIT_MS;
  while (!cli.interrupted.aborted && cli.clock.monotonicMs() < deadline) {
    if (await connection.registry.recipe(model, recipeDigest)) return true;
    const refusal = (await connection.registry.facts(50)).find(
      (fact) => fact.type === 'Recipe Rejected' && fact.data.key === key,
    );
    if (refusal)
      throw new Failure(exitCodes.failed, `${connection.environment} refused the recipe:\n${problemsOf(refusal)}`);
    await cli.pause(200);
  }
  throw new Failure(exitCodes.failed, 'The recipe is there, and the environment has not answered in 60 s', {
    hint: `look for what went wrong: sluice status, sluice audit --env ${connection.environment}`,
  });
}

function problemsOf(refusal: Fact): string {
  const problems = refusal.data.problems as readonly {
    line: number;
    column: number;
    path: string;
    message: string;
  }[];
  return problems
    .map(({ line, column, path, message }) => `model.yaml:${line}:${column} ${path ? `${path}: ` : ''}${message}`)
    .join('\n');
}
