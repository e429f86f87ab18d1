import { Buffer } from 'node:buffer';
import { pick } from '../spots.ts';
import { signed, written } from './draft.ts';
import type { MakeCase } from './fuzz-case.ts';
import { JSON_SERVICES, operationsOf } from './json-inputs.ts';
import { mutated, mutatedJson, oddText } from './values.ts';

/** They answer when something has come or some time has passed, as they are asked to. */
const WAITS = new Set(['GetActivityTask', 'ReceiveMessage', 'StartSyncExecution', 'TestState']);

/** AWS JSON 1.0 and 1.1: an operation's input with something wrong in it, signed as it should be. */
export const jsonCase: MakeCase = (random, world) => {
  const services = JSON_SERVICES(world);
  const service = pick(
    random,
    Object.keys(services).filter((name) => operationsOf(name).length > 0),
  );
  const { target, inputs } = services[service]!;
  const operation = pick(random, operationsOf(service));
  const input = inputs[operation] ?? inputs['']!;
  const donor = pick(random, Object.values(inputs));
  const times = random.below(5) === 0 ? 2 + random.below(5) : random.below(12) === 0 ? 0 : 1;
  const text = JSON.stringify(mutated(random, input, donor, times)) ?? 'null';
  const body = random.below(12) === 0 ? mutatedJson(random, text) : Buffer.from(text);
  const named = random.below(60) === 0 ? `${target}.${oddText(random).slice(0, 200)}` : `${target}.${operation}`;
  const draft = {
    method: 'POST',
    path: '/',
    query: '',
    headers: [
      ['host', `127.0.0.1:${world.port}`],
      ['content-type', pick(random, ['application/x-amz-json-1.0', 'application/x-amz-json-1.1', 'text/plain'])],
      ['x-amz-target', headerSafe(named)],
      ...(service === 'sqs' && random.below(2) === 0 ? ([['x-amzn-query-mode', 'true']] as const) : []),
    ] as const,
    body,
  };
  return {
    operation: `${service}:${operation}`,
    shape: 'json',
    method: 'POST',
    mayWait: WAITS.has(operation),
    pieces: written(signed(draft, { credentials: world.credentials, service })),
  };
};

const headerSafe = (text: string): string => text.replaceAll(/[^\u0020-\u007e]/g, '?').trim();
