import { formatArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';
import { authorize } from '../../iam/authorize.ts';
import { optionalInteger, optionalText, requiredText, takeOnly } from '../../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../../service.ts';
import { page } from '../page.ts';
import { type ApiDestination, type ApiDestinations, DEFAULT_RATE_PER_SECOND } from './api-destinations.ts';
import { withoutSecrets } from './authorization.ts';
import type { Connection, Connections } from './connections.ts';

interface DestinationDeps {
  readonly ctx: AccountContext;
  readonly connections: Connections;
  readonly destinations: ApiDestinations;
}

const RATE = { least: 1, most: 300 };
const seconds = (ms: number): number => ms / 1000;

/** The operations on connections and API destinations. */
export function destinationOperations({ ctx, connections, destinations }: DestinationDeps): Operations {
  const permittedName = (operation: string, kind: 'connection' | 'api-destination', input: JsonObject, call: Call) => {
    const name = requiredText(input, 'Name');
    const resourceArn = formatArn('events', ctx.region, ctx.accountId, `${kind}/${name}`);
    authorize({ call, action: `events:${operation}`, resourceArn });
    return name;
  };
  const requireConnection = (arn: string): string => {
    if (!connections.byArn(arn)) throw new AwsError('ResourceNotFoundException', `Connection '${arn}' does not exist.`);
    return arn;
  };
  return {
    CreateConnection(input, call) {
      takeOnly('CreateConnection', input, ['Name', 'Description', 'AuthorizationType', 'AuthParameters']);
      const name = permittedName('CreateConnection', 'connection', input, call);
      if (connections.find(name)) throw exists('Connection', name);
      const { AuthorizationType, AuthParameters } = input;
      return acknowledgeConnection(
        connections.put(name, AuthorizationType, AuthParameters, optionalText(input, 'Description')),
      );
    },
    UpdateConnection(input, call) {
      takeOnly('UpdateConnection', input, ['Name', 'Description', 'AuthorizationType', 'AuthParameters']);
      const before = connections.require(permittedName('UpdateConnection', 'connection', input, call));
      const parameters = { ...connections.secretsOf(before), ...(input.AuthParameters as JsonObject | undefined) };
      const type = input.AuthorizationType ?? before.authorizationType;
      return acknowledgeConnection(
        connections.put(
          before.name,
          type,
          type === before.authorizationType ? parameters : input.AuthParameters,
          optionalText(input, 'Description') ?? before.description,
        ),
      );
    },
    DescribeConnection(input, call) {
      takeOnly('DescribeConnection', input, ['Name']);
      const connection = connections.require(permittedName('DescribeConnection', 'connection', input, call));
      return {
        ...summariseConnection(connection),
        SecretArn: connection.secretArn,
        AuthParameters: withoutSecrets(connections.secretsOf(connection)),
        ...(connection.description === undefined ? {} : { Description: connection.description }),
      };
    },
    ListConnections(input, call) {
      takeOnly('ListConnections', input, ['NamePrefix', 'ConnectionState', 'Limit', 'NextToken']);
      authorize({ call, action: 'events:ListConnections', resourceArn: '*' });
      const all = (input.ConnectionState ?? 'AUTHORIZED') === 'AUTHORIZED';
      const { items, next } = page(all ? connections.list(optionalText(input, 'NamePrefix')) : [], input);
      return { Connections: items.map(summariseConnection), ...next };
    },
    DeleteConnection(input, call) {
      takeOnly('DeleteConnection', input, ['Name']);
      const connection = connections.require(permittedName('DeleteConnection', 'connection', input, call));
      connections.delete(connection.name);
      return { ...acknowledgeConnection(connection), ConnectionState: 'DELETING' };
    },
    CreateApiDestination(input, call) {
      takeOnly('CreateApiDestination', input, ['Name', ...DESTINATION_MEMBERS]);
      const name = permittedName('CreateApiDestination', 'api-destination', input, call);
      if (destinations.find(name)) throw exists('An api-destination', name);
      return acknowledgeDestination(
        destinations.put({
          name,
          connectionArn: requireConnection(requiredText(input, 'ConnectionArn')),
          endpoint: requiredText(input, 'InvocationEndpoint'),
          httpMethod: requiredText(input, 'HttpMethod'),
          ratePerSecond: optionalInteger(input, 'InvocationRateLimitPerSecond', RATE) ?? DEFAULT_RATE_PER_SECOND,
          ...described(optionalText(input, 'Description')),
        }),
      );
    },
    UpdateApiDestination(input, call) {
      takeOnly('UpdateApiDestination', input, ['Name', ...DESTINATION_MEMBERS]);
      const before = destinations.require(permittedName('UpdateApiDestination', 'api-destination', input, call));
      return acknowledgeDestination(
        destinations.put({
          name: before.name,
          connectionArn: requireConnection(optionalText(input, 'ConnectionArn') ?? before.connectionArn),
          endpoint: optionalText(input, 'InvocationEndpoint') ?? before.endpoint,
          httpMethod: optionalText(input, 'HttpMethod') ?? before.httpMethod,
          ratePerSecond: optionalInteger(input, 'InvocationRateLimitPerSecond', RATE) ?? before.ratePerSecond,
          ...described(optionalText(input, 'Description') ?? before.description),
        }),
      );
    },
    DescribeApiDestination(input, call) {
      takeOnly('DescribeApiDestination', input, ['Name']);
      const destination = destinations.require(permittedName('DescribeApiDestination', 'api-destination', input, call));
      return {
        ...summariseDestination(destination),
        ...(destination.description && { Description: destination.description }),
      };
    },
    ListApiDestinations(input, call) {
      takeOnly('ListApiDestinations', input, ['NamePrefix', 'ConnectionArn', 'Limit', 'NextToken']);
      authorize({ call, action: 'events:ListApiDestinations', resourceArn: '*' });
      const wanted = destinations
        .list(optionalText(input, 'NamePrefix'))
        .filter(({ connectionArn }) => (input.ConnectionArn ?? connectionArn) === connectionArn);
      const { items, next } = page(wanted, input);
      return { ApiDestinations: items.map(summariseDestination), ...next };
    },
    DeleteApiDestination(input, call) {
      takeOnly('DeleteApiDestination', input, ['Name']);
      destinations.delete(
        destinations.require(permittedName('DeleteApiDestination', 'api-destination', input, call)).name,
      );
      return {};
    },
  };
}

const DESTINATION_MEMBERS = [
  'Description',
  'ConnectionArn',
  'InvocationEndpoint',
  'HttpMethod',
  'InvocationRateLimitPerSecond',
];

const described = (description: string | undefined) => (description === undefined ? {} : { description });

const exists = (what: string, name: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `${what} '${name}' already exists.`);

const times = ({ createdAtMs, modifiedAtMs }: { createdAtMs: number; modifiedAtMs: number }): JsonObject => ({
  CreationTime: seconds(createdAtMs),
  LastModifiedTime: seconds(modifiedAtMs),
});

const acknowledgeConnection = (connection: Connection): JsonObject => ({
  ConnectionArn: connection.arn,
  ConnectionState: 'AUTHORIZED',
  ...times(connection),
});

const summariseConnection = (connection: Connection): JsonObject => ({
  ...acknowledgeConnection(connection),
  Name: connection.name,
  AuthorizationType: connection.authorizationType,
  LastAuthorizedTime: seconds(connection.modifiedAtMs),
});

const acknowledgeDestination = (destination: ApiDestination): JsonObject => ({
  ApiDestinationArn: destination.arn,
  ApiDestinationState: 'ACTIVE',
  ...times(destination),
});

const summariseDestination = (destination: ApiDestination): JsonObject => ({
  ...acknowledgeDestination(destination),
  Name: destination.name,
  ConnectionArn: destination.connectionArn,
  InvocationEndpoint: destination.endpoint,
  HttpMethod: destination.httpMethod,
  InvocationRateLimitPerSecond: destination.ratePerSecond,
});
