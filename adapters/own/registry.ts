import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoRegistry, type DynamoRegistry } from '../dynamo-registry/dynamo-registry.ts';
import { setting } from '../system/settings.ts';

/** The registry of this deployment, from the function's settings. */
export const ownRegistry = (): DynamoRegistry =>
  createDynamoRegistry({ client: new DynamoDBClient({}), tableName: setting('SLUICE_REGISTRY_TABLE') });
