import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../aws-error.ts';
import { compilePattern, matchesPattern } from '../eventbridge/pattern/pattern.ts';
import { BUCKET_OPERATIONS } from '../s3/bucket-operations.ts';
import type { Call, RestRequest, RestService } from '../service.ts';
import { accountFacts, withAccountServices } from './account-facts.ts';
import { NOTES } from './notes.ts';
import { PATTERN_OPERATORS } from './pattern-operators.ts';
import { LAMBDA_OPERATIONS, LAMBDA_REFUSED, type RestOperation, S3_OPERATIONS, S3_REFUSED } from './rest-operations.ts';
import { supportPage } from './support-page.ts';
import { readTestedOperations } from './tested-operations.ts';

const LOCAL = join(import.meta.dirname, '..');
const call: Call = {
  principal: { kind: 'user', accountId: '111111111111', arn: 'arn:aws:iam::111111111111:user/a', userId: 'AIDA' },
  accountId: '111111111111',
  region: 'us-east-1',
  requestId: 'r',
};

const requestOf = ({ request, headers = {} }: RestOperation): RestRequest => {
  const [method = '', target = ''] = request.split(' ');
  const [rawPath = '', query = ''] = target.split('?');
  return { method, rawPath, query: new URLSearchParams(query), headers, body: Readable.from([]) };
};

/** Whether the service has the operation: it may well find fault with the request. */
async function isDone(name: RestService['name'], operation: RestOperation): Promise<boolean> {
  return withAccountServices(async ({ restServices }) => {
    const service = restServices.get(name) as RestService;
    if (name === 's3') await service.handle(requestOf({ name: '', request: 'PUT /bucket' }), call);
    try {
      await service.handle(requestOf(operation), call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return error.code !== 'NotImplemented';
    }
    return true;
  });
}

const sourceOf = (folder: string): string =>
  readdirSync(join(LOCAL, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(LOCAL, folder, file), 'utf8'))
    .join('\n');

it('SUPPORT.md says what the code says; if not, run "npm run generate"', () => {
  expect(readFileSync(join(LOCAL, 'SUPPORT.md'), 'utf8')).toBe(supportPage());
});

describe('an operation of a REST service on the page', () => {
  it.each(S3_OPERATIONS)('s3:$name is done', async (operation) => {
    expect(await isDone('s3', operation)).toBe(true);
  });
  it.each(S3_REFUSED)('s3: $name is refused by name', async (operation) => {
    expect(await isDone('s3', operation)).toBe(false);
  });
  it.each(LAMBDA_OPERATIONS)('lambda:$name is done', async (operation) => {
    expect(await isDone('lambda', operation)).toBe(true);
  });
  it.each(LAMBDA_REFUSED)('lambda:$name is refused by name', async (operation) => {
    expect(await isDone('lambda', operation)).toBe(false);
  });

  it('is each one that the code has', () => {
    const inS3 = [...sourceOf('s3').matchAll(/takeOnly\(\s*'(\w+)'/g)].map(([, name]) => name as string);
    const ofBuckets = Object.values(BUCKET_OPERATIONS).map(({ name }) => name);
    const listed = S3_OPERATIONS.map(({ name }) => name);
    expect([...inS3, ...ofBuckets].filter((name) => !listed.includes(name))).toEqual([]);

    const routes = sourceOf('lambda').match(/^ {6}path: /gm);
    expect(routes).toHaveLength(LAMBDA_OPERATIONS.length);
  });
});

describe('an operation on the page', () => {
  const { operations } = accountFacts();
  const all: readonly (readonly [string, readonly string[]])[] = [
    ...Object.entries(operations),
    ['s3', S3_OPERATIONS.map(({ name }) => name)],
    ['lambda', LAMBDA_OPERATIONS.map(({ name }) => name)],
  ];
  const tested = readTestedOperations();

  it('is one that the code has', () => {
    const gone = Object.entries(tested).flatMap(([service, byName]) => {
      const known = all.find(([name]) => name === service)?.[1] ?? [];
      return Object.keys(byName)
        .filter((name) => !known.includes(name))
        .map((name) => `${service}:${name}`);
    });
    expect(gone).toEqual([]);
  });

  it('is driven on the wire by a test; if not, write one, and run "npm run tested-operations"', () => {
    const untested = all.flatMap(([service, names]) =>
      names.filter((name) => !tested[service]?.[name]).map((name) => `${service}:${name}`),
    );
    expect(untested).toEqual([]);
  });
});

describe('an operator of event patterns on the page', () => {
  it.each(PATTERN_OPERATORS)('$name tells one event from another', ({ pattern, matches, differs }) => {
    const compiled = compilePattern(JSON.stringify(pattern));
    expect(matchesPattern(compiled, JSON.stringify(matches))).toBe(true);
    expect(matchesPattern(compiled, JSON.stringify(differs))).toBe(false);
  });
});

describe('the notes', () => {
  const { resources, operations } = accountFacts();

  it('call no operation refused that is done', () => {
    const done = NOTES.flatMap(({ service, refusedOperations = [] }) => {
      const known = operations[(service === 'iam' ? 'sts' : service) as keyof typeof operations] ?? [];
      return refusedOperations.filter((operation) => known.includes(operation));
    });
    expect(done).toEqual([]);
  });

  it('speak of properties that the runtime takes', () => {
    const unknown = NOTES.flatMap(({ withoutEffect }) => withoutEffect).flatMap(({ type, properties }) => {
      const known = resources.find((resource) => resource.type === type)?.properties ?? [];
      return properties.filter((property) => !known.includes(property)).map((property) => `${type}.${property}`);
    });
    expect(unknown).toEqual([]);
  });

  it('leave out no type', () => {
    const prefixes = NOTES.flatMap(({ typePrefixes }) => typePrefixes);
    expect(resources.filter(({ type }) => !prefixes.some((prefix) => type.startsWith(prefix)))).toEqual([]);
  });
});
