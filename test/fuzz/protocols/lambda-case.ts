import type { JsonObject } from '../../../local/service.ts';
import { LAMBDA_OPERATIONS, LAMBDA_REFUSED } from '../../../local/support/rest-operations.ts';
import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { pick } from '../spots.ts';
import { type Draft, headerText, signed, written } from './draft.ts';
import type { MakeCase } from './fuzz-case.ts';
import { ACCOUNT, arnOf } from './fuzz-world.ts';
import { mutated, mutatedJson, oddText, TEXTS } from './values.ts';

const BODIES: Readonly<Record<string, JsonObject>> = {
  Invoke: { a: 1 },
  PublishVersion: { CodeSha256: 'x', Description: 'd', RevisionId: 'r' },
  CreateAlias: {
    Name: 'a',
    FunctionVersion: '$LATEST',
    Description: 'd',
    RoutingConfig: { AdditionalVersionWeights: { 1: 0.5 } },
  },
  UpdateAlias: { FunctionVersion: '1', RoutingConfig: { AdditionalVersionWeights: { 2: 0.1 } }, RevisionId: 'r' },
  AddPermission: {
    StatementId: 's',
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    SourceArn: 'arn:aws:s3:::bucket',
    SourceAccount: ACCOUNT,
  },
  PutFunctionConcurrency: { ReservedConcurrentExecutions: 5 },
  CreateFunctionUrlConfig: { AuthType: 'NONE', InvokeMode: 'BUFFERED' },
  CreateEventSourceMapping: {
    EventSourceArn: arnOf('dynamodb', 'table/things/stream/x'),
    FunctionName: 'f',
    StartingPosition: 'LATEST',
    BatchSize: 10,
  },
  PutFunctionEventInvokeConfig: {
    MaximumRetryAttempts: 1,
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnFailure: { Destination: arnOf('sqs', 'queue') } },
  },
  UpdateFunctionConfiguration: { Timeout: 3, MemorySize: 128, Environment: { Variables: { A: 'b' } } },
};

const PARAMETERS = [
  'Qualifier',
  'Marker',
  'MaxItems',
  'FunctionVersion',
  'FunctionName',
  'EventSourceArn',
  'RevisionId',
  'MasterRegion',
  '__proto__',
];
const HEADERS = [
  'x-amz-invocation-type',
  'x-amz-log-type',
  'x-amz-client-context',
  'content-type',
  'content-encoding',
  'x-amzn-trace-id',
  'x-amz-tenant-id',
];
const HEADER_VALUES = [
  'Event',
  'DryRun',
  'RequestResponse',
  'Tail',
  'eyJhIjoxfQ==',
  'e30',
  'bnVsbA==',
  '!!',
  'AAAA',
  'gzip',
  'Root=1',
];

const wellFormed = (text: string): string => text.replaceAll(/[\ud800-\udfff]/g, '?');
const segment = (random: SeededRandom): string =>
  random.below(3) === 0
    ? pick(random, [
        '%',
        '%zz',
        '%ff',
        '%00',
        '..',
        '%2F',
        '',
        '$LATEST',
        'f:a',
        'f:1',
        'f:',
        ':f',
        `${ACCOUNT}:f`,
        '999999999999:f',
        encodeURIComponent(arnOf('lambda', 'function:f')),
      ])
    : encodeURIComponent(wellFormed(random.below(2) === 0 ? oddText(random) : pick(random, TEXTS))).slice(0, 3000);

type Change = (random: SeededRandom, draft: Draft) => Draft;

const CHANGES: readonly Change[] = [
  (random, draft) => {
    const parts = draft.path.split('/');
    parts[1 + random.below(parts.length - 1)] = segment(random);
    return { ...draft, path: parts.join('/') };
  },
  (random, draft) => {
    const value =
      random.below(2) === 0 ? pick(random, ['', '0', '-1', 'NaN', '1e9', '99999', '1', 'x']) : segment(random);
    const parameter = `${pick(random, PARAMETERS)}=${value}`;
    return { ...draft, query: draft.query === '' ? parameter : `${draft.query}&${parameter}` };
  },
  (random, draft) => {
    const value = random.below(3) > 0 ? pick(random, HEADER_VALUES) : headerText(oddText(random));
    return { ...draft, headers: [...draft.headers, [pick(random, HEADERS), value]] };
  },
  (random, draft) => ({ ...draft, method: pick(random, ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS']) }),
];

/** The REST API of Lambda, and the URL of a function. */
export const lambdaCase: MakeCase = (random, world) => {
  const isUrl = random.below(15) === 0;
  const { name, request } = isUrl
    ? { name: 'function URL', request: `POST ${world.functionUrlPath}path` }
    : pick(random, random.below(12) === 0 ? LAMBDA_REFUSED : LAMBDA_OPERATIONS);
  const [method = '', target = ''] = request.split(' ');
  const [path = '/', query = ''] = target.split('?');
  const input = BODIES[name];
  const changesBody = input !== undefined && random.below(3) > 0;
  const changed = changesBody
    ? mutated(random, input, pick(random, Object.values(BODIES)), 1 + random.below(3))
    : input;
  const text = changed === undefined ? '' : (JSON.stringify(changed) ?? '');
  let draft: Draft = {
    method,
    path,
    query,
    headers: [['host', `127.0.0.1:${world.port}`]],
    body: changesBody && random.below(5) === 0 ? mutatedJson(random, text) : Buffer.from(text),
  };
  const times = changesBody ? random.below(2) : 1 + random.below(2);
  for (let time = 0; time < times; time++) draft = pick(random, CHANGES)(random, draft);
  const isSigned = !isUrl || random.below(2) === 0;
  return {
    operation: `lambda:${name}`,
    shape: 'lambda',
    method: draft.method,
    isFunctionUrl: isUrl,
    pieces: written(isSigned ? signed(draft, { credentials: world.credentials, service: 'lambda' }) : draft),
  };
};
