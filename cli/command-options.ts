import { type Command, InvalidArgumentError, Option } from 'commander';
import { environments } from '../domain/environment.ts';

const environmentOption = (description: string) =>
  new Option('--env <environment>', description).choices([...environments]);

const profileOption = () =>
  new Option('--profile <name>', 'the AWS profile to act as (default: sluice-<env> of the local runtime)');
const jsonOption = () => new Option('--json', 'print JSON instead of a table');

/** `--env`, with `dev` where it is not given. */
export const withEnvironment = (command: Command): Command =>
  command
    .addOption(environmentOption('the environment').default('dev', 'dev'))
    .addOption(profileOption())
    .addOption(jsonOption());

/** `--env`, all environments where it is not given. */
export const withAnyEnvironment = (command: Command): Command =>
  command
    .addOption(environmentOption('the environment (default: all)'))
    .addOption(profileOption())
    .addOption(jsonOption());

export function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
  }
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}
