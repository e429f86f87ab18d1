import { AwsError } from '../../aws-error.ts';
import type { Operations } from '../../service.ts';
import type { Alias, Aliases } from './aliases.ts';
import { integer, list, readInput, required, structure, text } from './input.ts';
import { pageToken, readMachineArn, readPageToken } from './names.ts';
import { arn, description, pageMembers, pageSize } from './shapes.ts';
import type { StateMachines } from './state-machines.ts';

const aliasName = text({
  least: 1,
  most: 80,
  pattern: {
    written: '^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$',
    matches: /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/,
  },
});
const ROUTE = { stateMachineVersionArn: required(arn), weight: required(integer(0, 100)) };
const routing = list(structure('RoutingConfigurationListItem', ROUTE), {
  least: 1,
  most: 2,
  shownAs: 'RoutingConfigurationListItem',
});
const CREATE = { name: required(aliasName), description, routingConfiguration: required(routing) };
const UPDATE = { stateMachineAliasArn: required(arn), description, routingConfiguration: routing };
const NAMED = { stateMachineAliasArn: required(arn) };
const LIST = { stateMachineArn: required(arn), ...pageMembers };

export function aliasOperations(machines: StateMachines, aliases: Aliases): Operations {
  return {
    CreateStateMachineAlias(input) {
      const given = readInput('CreateStateMachineAlias', CREATE, input);
      return shown(aliases.create(given.name, given.description, given.routingConfiguration));
    },
    UpdateStateMachineAlias(input) {
      const given = readInput('UpdateStateMachineAlias', UPDATE, input);
      if (given.description === undefined && given.routingConfiguration === undefined) {
        throw new AwsError(
          'ValidationException',
          'At least one of the description or routingConfiguration must be specified',
        );
      }
      const alias = aliases.update(given.stateMachineAliasArn, given.description, given.routingConfiguration);
      return { updateDate: new Date(alias.updatedAtMs) };
    },
    DescribeStateMachineAlias(input) {
      const alias = aliases.get(readInput('DescribeStateMachineAlias', NAMED, input).stateMachineAliasArn);
      return {
        stateMachineAliasArn: alias.arn,
        name: alias.name,
        ...(alias.description !== null && { description: alias.description }),
        routingConfiguration: alias.routing,
        creationDate: new Date(alias.createdAtMs),
        updateDate: new Date(alias.updatedAtMs),
      };
    },
    DeleteStateMachineAlias(input) {
      const { stateMachineAliasArn: aliasArn } = readInput('DeleteStateMachineAlias', NAMED, input);
      if (readMachineArn(aliasArn).alias === undefined) {
        throw new AwsError('ValidationException', `The ARN of a state machine alias is needed, not ${aliasArn}`);
      }
      aliases.delete(aliasArn);
      return {};
    },
    ListStateMachineAliases(input) {
      const given = readInput('ListStateMachineAliases', LIST, input);
      const reference = readMachineArn(given.stateMachineArn);
      machines.getActive(reference.arn);
      const limit = pageSize(given.maxResults);
      const after = readPageToken(given.nextToken) ?? 0;
      const rows =
        reference.version === undefined
          ? aliases.list(reference.arn, limit + 1, after)
          : aliases.of(given.stateMachineArn).filter(({ key }) => key > after);
      const page = rows.slice(0, limit);
      return {
        stateMachineAliases: page.map(shown),
        ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.key) }),
      };
    },
  };
}

const shown = (alias: Alias) => ({
  stateMachineAliasArn: alias.arn,
  creationDate: new Date(alias.createdAtMs),
});
