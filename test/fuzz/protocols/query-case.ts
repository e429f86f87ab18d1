import type { JsonObject } from '../../../local/service.ts';
import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { pick } from '../spots.ts';
import { signed, written } from './draft.ts';
import type { MakeCase } from './fuzz-case.ts';
import { ACCOUNT, ROLE } from './fuzz-world.ts';
import { operationsOf } from './json-inputs.ts';
import { mutated, noise, oddText } from './values.ts';

const POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';

/** Lists as SQS flattens them: `Name.1`, `Name.2`. */
const numbered = (...entries: unknown[]): JsonObject =>
  Object.fromEntries(entries.map((entry, at) => [String(at + 1), entry]));

const QueueUrl = `http://127.0.0.1/${ACCOUNT}/q`;

const INPUTS: Readonly<Record<string, Readonly<Record<string, JsonObject>>>> = {
  sts: {
    AssumeRole: {
      RoleArn: ROLE,
      RoleSessionName: 'me',
      DurationSeconds: '900',
      ExternalId: 'id',
      Policy: POLICY,
      PolicyArns: [{ arn: `arn:aws:iam::${ACCOUNT}:policy/none` }],
      Tags: [{ Key: 'a', Value: 'b' }],
      SourceIdentity: 'me',
    },
    GetCallerIdentity: {},
  },
  iam: {
    GetRole: { RoleName: 'role' },
    GetRolePolicy: { RoleName: 'role', PolicyName: 'p' },
    ListAttachedRolePolicies: { RoleName: 'role', MaxItems: '5', PathPrefix: '/' },
    ListRolePolicies: { RoleName: 'role', Marker: 'x' },
    ListRoles: { PathPrefix: '/', MaxItems: '5' },
    SimulatePrincipalPolicy: {
      PolicySourceArn: ROLE,
      ActionNames: ['s3:GetObject', 'kms:*'],
      ResourceArns: ['arn:aws:s3:::bucket/key'],
      ResourcePolicy: POLICY,
      PolicyInputList: [POLICY],
      CallerArn: `arn:aws:iam::${ACCOUNT}:user/u`,
      ContextEntries: [{ ContextKeyName: 'aws:SourceIp', ContextKeyType: 'ip', ContextKeyValues: ['127.0.0.1'] }],
    },
    '': { RoleName: 'role' },
  },
  sqs: {
    CreateQueue: {
      QueueName: 'q',
      Attribute: numbered({ Name: 'DelaySeconds', Value: '1' }),
      Tag: numbered({ Key: 'a', Value: 'b' }),
    },
    SendMessage: {
      QueueUrl,
      MessageBody: 'text',
      DelaySeconds: '1',
      MessageAttribute: numbered({ Name: 'a', Value: { DataType: 'Number', StringValue: '1' } }),
    },
    SendMessageBatch: {
      QueueUrl,
      SendMessageBatchRequestEntry: numbered({ Id: 'a', MessageBody: 'one' }, { Id: 'b', MessageBody: 'two' }),
    },
    ReceiveMessage: { QueueUrl, MaxNumberOfMessages: '10', AttributeName: numbered('All'), VisibilityTimeout: '0' },
    DeleteMessage: { QueueUrl, ReceiptHandle: 'a'.repeat(64) },
    DeleteMessageBatch: {
      QueueUrl,
      DeleteMessageBatchRequestEntry: numbered({ Id: 'a', ReceiptHandle: 'a'.repeat(64) }),
    },
    ChangeMessageVisibility: { QueueUrl, ReceiptHandle: 'a'.repeat(64), VisibilityTimeout: '1' },
    GetQueueUrl: { QueueName: 'q' },
    GetQueueAttributes: { QueueUrl, AttributeName: numbered('All', 'QueueArn') },
    SetQueueAttributes: { QueueUrl, Attribute: numbered({ Name: 'VisibilityTimeout', Value: '30' }) },
    UntagQueue: { QueueUrl, TagKey: numbered('a', 'b') },
    '': { QueueUrl },
  },
  monitoring: {
    PutMetricData: {
      Namespace: 'n',
      MetricData: [{ MetricName: 'm', Value: '1.5', Unit: 'Count', Dimensions: [{ Name: 'a', Value: 'b' }] }],
    },
    GetMetricStatistics: {
      Namespace: 'n',
      MetricName: 'm',
      StartTime: '2026-01-31T00:00:00Z',
      EndTime: '2026-01-31T01:00:00Z',
      Period: '60',
      Statistics: ['Sum', 'Average'],
    },
    '': { Namespace: 'n' },
  },
};

/** `a.member.1.b=c`, as the query protocol flattens lists and objects. */
function flattened(value: unknown, name = ''): (readonly [string, string])[] {
  if (Array.isArray(value)) {
    return value.flatMap((entry, at) => flattened(entry, `${name}.member.${at + 1}`));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, entry]) => flattened(entry, name === '' ? key : `${name}.${key}`));
  }
  return [[name, String(value)]];
}

function brokenForm(random: SeededRandom, form: string): Buffer {
  const at = random.below(form.length + 1);
  switch (random.below(8)) {
    case 0:
      return Buffer.from(form.slice(0, at));
    case 1:
      return Buffer.from(`${form.slice(0, at)}%zz%${form.slice(at)}`);
    case 2:
      return Buffer.concat([Buffer.from(form.slice(0, at)), noise(random, 20), Buffer.from(form.slice(at))]);
    case 3:
      return Buffer.from(`${form}&${'a.'.repeat(pick(random, [10, 17, 5000]))}b=1`);
    case 4:
      return Buffer.from(`${form}&${Array.from({ length: 5000 }, (_, n) => `Tags.member.${n}.Key=k`).join('&')}`);
    case 5:
      return Buffer.from(`${form}&__proto__.polluted=1&constructor.prototype.polluted=1&Tags.member.__proto__=2`);
    case 6:
      return Buffer.from(form.replace('Action=', pick(random, ['action=', 'Action=x&Action=', 'Action='.repeat(3)])));
    default:
      return Buffer.from(form.replaceAll('&', '&&').replaceAll('=', '=='));
  }
}

/** The query protocol of STS, IAM, SQS and CloudWatch. */
export const queryCase: MakeCase = (random, world) => {
  const service = pick(random, ['sts', 'iam', 'iam', 'sqs', 'sqs', 'monitoring']);
  const inputs = INPUTS[service]!;
  const operation = pick(random, operationsOf(service));
  const input = inputs[operation] ?? inputs['']!;
  const times = random.below(12) === 0 ? 0 : 1 + random.below(3);
  const changed = mutated(random, input, pick(random, Object.values(inputs)), times);
  const action = random.below(30) === 0 ? oddText(random).slice(0, 300) : operation;
  const pairs = depthOf(changed) > 100 ? [] : flattened(changed);
  const parameters = new URLSearchParams([
    ['Action', action],
    ['Version', '2011-06-15'],
    ...pairs.map(([k, v]): [string, string] => [k, v]),
  ]);
  const form = parameters.toString();
  const body = random.below(6) === 0 ? brokenForm(random, form) : Buffer.from(form);
  const isGet = random.below(12) === 0 && form.length < 8000;
  const draft = {
    method: isGet ? 'GET' : 'POST',
    path: '/',
    query: isGet ? form : '',
    headers: [
      ['host', `127.0.0.1:${world.port}`],
      ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
    ] as const,
    body: isGet ? Buffer.alloc(0) : body,
  };
  return {
    operation: `${service}:${operation}`,
    shape: 'query',
    method: draft.method,
    pieces: written(signed(draft, { credentials: world.credentials, service })),
  };
};

function depthOf(value: unknown): number {
  let depth = 0;
  let level: unknown[] = [value];
  while (level.length > 0 && depth <= 101) {
    depth++;
    level = level.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.values(entry) : []));
  }
  return depth;
}
