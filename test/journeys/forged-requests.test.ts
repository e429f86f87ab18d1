import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { type PromotionRequest, requestFor } from '../../domain/candidate.ts';
import type { Environment } from '../../domain/environment.ts';
import { eventually } from '../support/eventually.ts';
import { type LocalWorld, startLocalWorld } from '../support/local-world.ts';
import { TINY_MODEL } from '../support/tiny-model.ts';

let world: LocalWorld;

beforeAll(async () => {
  world = await startLocalWorld();
}, 240_000);

afterAll(() => world?.stop());

/** A request that nobody signed, different for each `seed`. */
const forged = (seed: string, more: Partial<PromotionRequest> = {}): PromotionRequest => ({
  ...requestFor(sha256, {
    model: TINY_MODEL,
    version: 1,
    classification: 'internal',
    strategy: 'retrain',
    from: 'dev',
    to: 'acc',
    metrics: {},
    approvals: 0,
    recipeDigest: sha256(`recipe ${seed}`),
    datasetDigest: sha256(`dataset ${seed}`),
    modelDigest: sha256(`model ${seed}`),
    evidenceDigest: sha256(`evidence ${seed}`),
  }),
  ...more,
});

/** Puts an event on the bus of `to` with the credentials of `as`. Answers the error of the entry, or null. */
async function put(as: Environment, to: Environment, detailType: string, data: unknown): Promise<string | null> {
  const detail = {
    metadata: { id: `forged-${Math.random()}`, version: 1, environment: as, at: new Date().toISOString(), runId: null },
    data,
  };
  const answer = await world.connection[as].eventBridge
    .send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: world.connection[to].names.busArn,
            Source: 'sluice',
            DetailType: detailType,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    )
    .catch((error: Error) => error);
  if (answer instanceof Error) return answer.name;
  return answer.Entries?.[0]?.ErrorCode ?? null;
}

const signature = {
  keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/x',
  algorithm: 'ECDSA_SHA_256',
  value: Buffer.from('forged').toString('base64'),
} as const;

test.each([
  { case: 'without a signature', request: forged('a'), says: /not signed/ },
  { case: 'with a signature that is none', request: forged('b', { signature }), says: /signature is not one of dev/ },
  {
    case: 'that says it comes from PRD',
    request: forged('c', { from: 'prd', signature }),
    says: /only dev comes before acc/,
  },
  { case: 'for another environment', request: forged('d', { to: 'prd', signature }), says: /this is acc/ },
  {
    case: 'whose candidate is not what its id says',
    request: forged('e', { signature, candidate: { ...forged('e').candidate, modelDigest: sha256('another') } }),
    says: /candidate id is not the digest/,
  },
  {
    case: 'to copy a confidential model',
    request: forged('f', { signature, strategy: 'copy', classification: 'confidential' }),
    says: /"copy" is refused for a confidential model/,
  },
])('a request $case is refused with the reason, and nothing moves', async ({ request, says }) => {
  expect(await put('dev', 'acc', 'Promotion Requested', { request })).toBeNull();
  const rejected = await eventually('the refusal', async () =>
    (await world.facts('acc', 'Promotion Rejected')).find(
      (fact) => fact.data.candidateId === request.candidate.candidateId,
    ),
  );
  expect((rejected.data.reasons as string[]).join('\n')).toMatch(says);
  const { registry } = world.connection.acc;
  expect(await registry.deployment(TINY_MODEL)).toBeUndefined();
  expect(await registry.modelVersions(TINY_MODEL)).toEqual([]);
  if (rejected.runId !== null) {
    await world.ended('acc', rejected.runId);
    const audit = await registry.auditEvents({ runId: rejected.runId });
    expect(audit.filter((event) => event.state === 'VerifyCandidate')).toMatchObject([{ verdict: 'refused' }]);
    expect(audit.filter((event) => event.state === 'MoveArtifact' || event.state === 'TestCandidate')).toEqual([]);
  }
});

test('a request that is no request is refused, and names what is wrong', async () => {
  expect(await put('dev', 'acc', 'Promotion Requested', { request: { model: TINY_MODEL, hello: 1 } })).toBeNull();
  const rejected = await eventually('the refusal', async () =>
    (await world.facts('acc', 'Promotion Rejected')).find((fact) =>
      (fact.data.reasons as string[])[0]?.startsWith('the request is not one'),
    ),
  );
  expect(rejected.data.candidateId).toBeNull();
});

test.each([
  { case: 'PRD asks ACC', as: 'prd', to: 'acc', type: 'Promotion Requested' },
  { case: 'DEV asks PRD, past ACC', as: 'dev', to: 'prd', type: 'Promotion Requested' },
  { case: 'DEV says that a model was registered in ACC', as: 'dev', to: 'acc', type: 'Model Registered' },
  { case: 'ACC says something to DEV', as: 'acc', to: 'dev', type: 'Promotion Requested' },
] as const)('the bus itself refuses it when $case', async ({ as, to, type }) => {
  const runs = (await world.runs(to)).length;
  expect(await put(as, to, type, { request: forged(`${as}${to}`) })).toMatch(/NotAuthorized|AccessDenied/);
  expect((await world.runs(to)).length).toBe(runs);
});

test('an approval of a promotion that does not exist is refused and audited with the name of who tried', async () => {
  const { connection } = world;
  const answer = await connection.prd.postToFunction('record-approval', {
    promotionId: 'promotion-x',
    candidateId: 'candidate-x',
    decision: 'approved',
    comment: '',
  });
  expect(answer.status).toBe(409);
  expect(answer.text).toContain('there is no promotion promotion-x');
  const audit = (await connection.prd.registry.auditEvents({ environment: true })).filter((event) =>
    event.function.endsWith('record-approval'),
  );
  expect(audit).toMatchObject([{ outcome: 'failed', actor: connection.prd.callerArn }]);
});

test('a request to a function that nobody signed is refused before the function is called', async () => {
  const url = await urlOf('record-approval');
  const answer = await fetch(url, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(403);
  const audit = (await world.connection.prd.registry.auditEvents({ environment: true })).filter(
    (event) => event.actor === 'unknown',
  );
  expect(audit).toEqual([]);
});

async function urlOf(name: string): Promise<string> {
  const { GetFunctionUrlConfigCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const { sqs, names } = world.connection.prd;
  const client = new LambdaClient({
    endpoint: world.runtime.url,
    region: 'eu-west-1',
    credentials: sqs.config.credentials,
  });
  const { FunctionUrl = '' } = await client.send(
    new GetFunctionUrlConfigCommand({ FunctionName: names.functionName(name) }),
  );
  return FunctionUrl;
}
