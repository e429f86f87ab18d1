import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoRegistry } from '../../adapters/dynamo-registry/dynamo-registry.ts';
import { DEV, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { InMemoryRegistry } from '../support/in-memory-registry.ts';
import { registryContract } from '../support/registry-contract.ts';

registryContract('the registry of tests, in memory,', () => new InMemoryRegistry());

describe('DynamoRegistry', () => {
  let runtime: TestRuntime;
  let client: DynamoDBClient;
  let tables = 0;
  beforeAll(async () => {
    runtime = await startTestRuntime();
    client = new DynamoDBClient(runtime.client(DEV));
  });
  afterAll(() => runtime.dispose());

  /** As deploy/resources/registry.yml has it. */
  const open = async () => {
    tables += 1;
    const tableName = `registry-${tables}`;
    const names = ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk'];
    const keySchema = (hash: string, range: string) => [
      { AttributeName: hash, KeyType: 'HASH' as const },
      { AttributeName: range, KeyType: 'RANGE' as const },
    ];
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keySchema('pk', 'sk'),
        GlobalSecondaryIndexes: [
          { IndexName: 'gsi1', KeySchema: keySchema('gsi1pk', 'gsi1sk'), Projection: { ProjectionType: 'ALL' } },
          { IndexName: 'gsi2', KeySchema: keySchema('gsi2pk', 'gsi2sk'), Projection: { ProjectionType: 'ALL' } },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      }),
    );
    return createDynamoRegistry({ client, tableName });
  };

  registryContract('on the DynamoDB of the local runtime', open);

  it('does not call a table that is not there a passing trouble', async () => {
    const registry = createDynamoRegistry({ client, tableName: 'absent' });
    await expect(registry.promotion('p')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('calls an endpoint that does not answer RegistryUnavailable', async () => {
    const nobody = new DynamoDBClient({ ...runtime.client(DEV), endpoint: 'http://127.0.0.1:9' });
    const registry = createDynamoRegistry({ client: nobody, tableName: 'registry-1' });
    await expect(registry.promotion('p')).rejects.toMatchObject({ name: 'RegistryUnavailable' });
  });

  it('lists facts newest first', async () => {
    const registry = await open();
    const base = { type: 'Model Trained', version: 1, environment: 'dev', runId: null, data: {} } as const;
    const facts = ['09', '11', '10'].map((hour) => ({ ...base, id: `f${hour}`, at: `2026-01-15T${hour}:00:00.000Z` }));
    const audit = {
      key: 'k',
      environment: 'dev',
      function: 'f',
      runId: null,
      machine: null,
      state: null,
      attempt: 0,
      redrive: 0,
      outcome: 'succeeded',
      verdict: null,
      error: null,
      model: null,
      subjects: {},
      actor: 'a',
      at: '2026-01-15T09:00:00.000Z',
      durationMs: 0,
    } as const;
    await registry.commit({ changes: [], facts, audit, lost: [], output: null });
    expect((await registry.facts(2)).map(({ id }) => id)).toEqual(['f11', 'f10']);
  });
});
