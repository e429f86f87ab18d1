import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { deployEnvironments, REGION } from '../../scripts/local-environments.ts';
import { packageDeployment, stages } from '../../scripts/package-deployment.ts';
import { type LocalWorld, startLocalWorld } from '../support/local-world.ts';
import { type Fate, type FaultyEndpoint, type ServiceCall, startFaultyEndpoint } from './faulty-endpoint.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TEMPLATE = 'cloudformation-template-update-stack.json';

export interface FaultyWorld extends LocalWorld {
  /** What becomes of the calls that functions make to DynamoDB, EventBridge and Step Functions from now on. */
  decide: (call: ServiceCall) => Fate | Promise<Fate>;
}

/** A world whose functions reach DynamoDB, EventBridge and Step Functions through an endpoint that can break. */
export async function startFaultyWorld(): Promise<FaultyWorld> {
  const world = await startLocalWorld();
  const faulty: FaultyWorld = { ...world, decide: () => 'pass', stop };
  const endpoint: FaultyEndpoint = await startFaultyEndpoint({
    target: world.runtime.url,
    decide: (call) => faulty.decide(call),
    resign: (call, url, body) => resign(world, call, url, body),
  });
  async function stop(): Promise<void> {
    // The functions first: what they still do must find something there.
    await world.stop();
    await endpoint.close();
  }
  const { stages: packages } = await packageDeployment(ROOT, stages);
  const rerouted = packages.map((one) => ({
    ...one,
    directory: rerouteFunctions(world.home, one.directory, endpoint.url),
  }));
  await deployEnvironments(world.runtime, world.home, rerouted);
  return faulty;
}

/** A copy of a package whose functions are told of another endpoint, by the variables that every SDK of AWS reads. */
function rerouteFunctions(home: string, directory: string, url: string): string {
  const copy = mkdtempSync(join(home, 'package-'));
  cpSync(directory, copy, { recursive: true });
  const file = join(copy, TEMPLATE);
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: { Environment?: { Variables: Record<string, unknown> } } }>;
  };
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const rerouted = { AWS_ENDPOINT_URL_DYNAMODB: url, AWS_ENDPOINT_URL_EVENTBRIDGE: url, AWS_ENDPOINT_URL_SFN: url };
    Properties.Environment = { Variables: { ...Properties.Environment?.Variables, ...rerouted } };
  }
  writeFileSync(file, JSON.stringify(template));
  return copy;
}

/** As the administrator of the account whose bus the entries name. */
async function resign(world: LocalWorld, { body: original }: ServiceCall, url: URL, body: string) {
  const bus = /"EventBusName":"sluice-(\w+)/.exec(original)?.[1];
  const connection = Object.values(world.connection).find(({ environment }) => environment === bus);
  if (!connection) throw new Error(`no environment has the bus of ${original.slice(0, 200)}`);
  const signer = new SignatureV4({
    service: 'events',
    region: REGION,
    credentials: world.runtime.adminCredentials(connection.accountId),
    sha256: Sha256,
  });
  const signed = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: '/',
    query: {},
    headers: { host: url.host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
    body,
  });
  return signed.headers;
}
