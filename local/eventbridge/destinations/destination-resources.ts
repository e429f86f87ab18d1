import { AwsError } from '../../aws-error.ts';
import type { ResourceHandler, ResourceRequest } from '../../deploy/resource.ts';
import { type ApiDestinations, DEFAULT_RATE_PER_SECOND } from './api-destinations.ts';
import type { Connections } from './connections.ts';

/** `AWS::Events::Connection` and `AWS::Events::ApiDestination`. */
export const destinationResources = (connections: Connections, destinations: ApiDestinations): ResourceHandler[] => [
  {
    type: 'AWS::Events::Connection',
    properties: ['Name', 'Description', 'AuthorizationType', 'AuthParameters'],
    async put(request) {
      const { AuthorizationType, AuthParameters, Description } = request.properties;
      const description = Description === undefined ? undefined : String(Description);
      const { name, arn, secretArn } = connections.put(nameOf(request), AuthorizationType, AuthParameters, description);
      return { physicalId: name, attributes: { Arn: arn, ArnForPolicy: arn, SecretArn: secretArn } };
    },
    async delete(physicalId) {
      connections.delete(physicalId);
    },
  },
  {
    type: 'AWS::Events::ApiDestination',
    properties: [
      'Name',
      'Description',
      'ConnectionArn',
      'InvocationEndpoint',
      'HttpMethod',
      'InvocationRateLimitPerSecond',
    ],
    async put(request) {
      const { properties, logicalId } = request;
      const connectionArn = String(properties.ConnectionArn);
      if (!connections.byArn(connectionArn)) {
        throw new AwsError('ValidationError', `${logicalId}: ConnectionArn ${connectionArn} is no connection.`);
      }
      const { name, arn } = destinations.put({
        name: nameOf(request),
        connectionArn,
        endpoint: String(properties.InvocationEndpoint),
        httpMethod: String(properties.HttpMethod),
        ratePerSecond: Number(properties.InvocationRateLimitPerSecond ?? DEFAULT_RATE_PER_SECOND),
        ...(properties.Description === undefined ? {} : { description: String(properties.Description) }),
      });
      return { physicalId: name, attributes: { Arn: arn, ArnForPolicy: arn } };
    },
    async delete(physicalId) {
      destinations.delete(physicalId);
    },
  },
];

/** The same name each time, so that a deployment can be repeated. */
const nameOf = ({ properties, stackName, logicalId }: ResourceRequest): string =>
  (properties.Name as string | undefined) ?? `${stackName}-${logicalId}`.slice(0, 64);
