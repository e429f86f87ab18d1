import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Store } from '../store/store.ts';
import { ACCOUNT, type LambdaWorld, type LambdaWorldOptions, lambdaWorld, REGION, until } from './lambda-world.ts';

let worlds: LambdaWorld[] = [];

function world(options?: LambdaWorldOptions): LambdaWorld {
  const made = lambdaWorld(options);
  worlds.push(made);
  return made;
}

let folders: string[] = [];

function folder(parent: string): string {
  const made = mkdtempSync(join(parent, '.sluice-lambda-'));
  folders.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(worlds.map((made) => made.stop()));
  worlds = [];
  for (const made of folders) rmSync(made, { recursive: true, force: true });
  folders = [];
});

const handler = (body: string): Record<string, string> => ({
  'index.mjs': `export const handler = async (event, context) => { ${body} };`,
});

const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead`;
const NEVER = 'await new Promise((resolve) => setInterval(() => {}, 1000));';

describe('an invocation', () => {
  it("gives the function its event, AWS's context, and no environment but its own", async () => {
    const { deploy, invoke } = world();
    const arn = await deploy(
      'echo',
      handler(`return { event, name: context.functionName, memory: context.memoryLimitInMB, arn: context.invokedFunctionArn,
        id: context.awsRequestId, left: context.getRemainingTimeInMillis(), env: process.env };`),
      { MemorySize: 256, Timeout: 7, Environment: { Variables: { GREETING: 'hi', COUNT: 3 } } },
    );

    const { answer } = await invoke(arn, { n: 1 });

    expect(answer).toMatchObject({
      event: { n: 1 },
      name: 'echo',
      memory: '256',
      arn,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      env: {
        GREETING: 'hi',
        COUNT: '3',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'ASIA1',
        AWS_SESSION_TOKEN: 'token',
        AWS_LAMBDA_FUNCTION_NAME: 'echo',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      },
    });
    const { env, left } = answer as { env: Record<string, string>; left: number };
    expect(env).not.toHaveProperty('HOME');
    expect(left).toBeLessThanOrEqual(7000);
  });

  it('answers null for a function that returns nothing', async () => {
    const { deploy, invoke } = world();
    expect((await invoke(await deploy('nothing', handler('')))).payload).toBe('null');
  });

  it('runs CommonJS handlers in folders of the package', async () => {
    const { deploy, invoke } = world();
    const arn = await deploy(
      'cjs',
      {
        'src/app.js': "exports.handler = async () => require('./part.js').value;",
        'src/part.js': 'exports.value = 42;',
      },
      { Handler: 'src/app.handler' },
    );

    expect((await invoke(arn)).answer).toBe(42);
  });

  it('gives callers what the function threw, its name unchanged', async () => {
    const { deploy, invoke } = world();
    const arn = await deploy(
      'throws',
      handler("const error = new Error('no such dataset'); error.name = 'DatasetMissing'; throw error;"),
    );

    const result = await invoke(arn);

    expect(result).toMatchObject({ statusCode: 200, functionError: 'Unhandled' });
    expect(result.answer).toMatchObject({
      errorType: 'DatasetMissing',
      errorMessage: 'no such dataset',
      trace: expect.arrayContaining([expect.stringContaining('DatasetMissing: no such dataset')]),
    });
  });

  it('ends a function that takes longer than its timeout, and the next event gets a new sandbox', async () => {
    const { deploy, lambda, clock, owner, invoke } = world();
    const files = handler(`if (event.hang) { console.log('begun'); ${NEVER} } return 'quick';`);
    const arn = await deploy('slow', files, { Timeout: 3 });

    const pending = lambda.invoke(arn, '{"hang":true}', owner);
    await until(() => lambda.logs.read('/aws/lambda/slow').some(({ message }) => message.endsWith('begun')));
    clock.advance(3000);

    expect(JSON.parse((await pending).payload)).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 3\.00 seconds$/),
    });
    expect((await invoke(arn)).answer).toBe('quick');
  });

  it.each([
    {
      what: 'runs out of memory',
      body: 'const all = []; for (;;) all.push(new Array(1e5).fill({}));',
      error: 'Runtime.OutOfMemory',
    },
    { what: 'exits', body: 'process.exit(3);', error: 'Runtime.ExitError' },
    {
      what: 'leaves a rejection',
      body: `Promise.reject(new Error('lost')); ${NEVER}`,
      error: 'Runtime.UnhandledPromiseRejection',
    },
    {
      what: 'throws outside of the handler',
      body: `setImmediate(() => { throw new TypeError('x'); }); ${NEVER}`,
      error: 'TypeError',
    },
  ])('says so when a function $what, and the runtime lives on', async ({ body, error }) => {
    const { deploy, invoke } = world();
    const arn = await deploy('dies', handler(`if (event.die) { ${body} } return 'alive';`));

    expect((await invoke(arn, { die: true })).answer).toMatchObject({ errorType: error });
    expect((await invoke(arn)).answer).toBe('alive');
  });

  it.each([
    { what: 'no such file', files: { 'other.mjs': '' }, error: 'Runtime.ImportModuleError' },
    {
      what: 'an import that is missing',
      files: { 'index.mjs': "import './gone.mjs';" },
      error: 'Runtime.ImportModuleError',
    },
    {
      what: 'an import that only this repository has',
      files: { 'index.mjs': "import 'valibot'; export const handler = () => 1;" },
      error: 'Runtime.ImportModuleError',
    },
    { what: 'no such export', files: { 'index.mjs': 'export const other = 1;' }, error: 'Runtime.HandlerNotFound' },
    {
      what: 'a syntax error',
      files: { 'index.mjs': 'export const handler = (' },
      error: 'Runtime.UserCodeSyntaxError',
    },
    {
      what: 'a callback handler',
      files: { 'index.mjs': 'export const handler = (event, context, callback) => callback(null, 1);' },
      error: 'Runtime.CallbackHandlerDeprecated',
    },
  ])('fails with $error for a package with $what', async ({ files, error }) => {
    // Inside the repository, where its packages are within reach.
    const { deploy, invoke } = world({ directory: folder(import.meta.dirname) });
    const result = await invoke(await deploy('broken', files as Record<string, string>));

    expect(result.functionError).toBe('Unhandled');
    expect(result.answer).toMatchObject({ errorType: error });
  });

  it('refuses an answer over 6 MB', async () => {
    const { deploy, invoke } = world();
    const arn = await deploy('big', handler("return 'x'.repeat(7e6);"));

    expect((await invoke(arn)).answer).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('is refused by name for a function that is not there', async () => {
    const { invoke } = world();
    await expect(invoke('nobody')).rejects.toMatchObject({ code: 'ResourceNotFoundException', statusCode: 404 });
  });

  it('keeps what the function writes, with its request', async () => {
    const { deploy, lambda, owner } = world();
    const arn = await deploy(
      'chatty',
      handler("console.log('hello %d', 7); process.stdout.write('raw'); return context.awsRequestId;"),
    );

    const requestId = JSON.parse((await lambda.invoke(arn, '{}', owner)).payload) as string;

    const lines = lambda.logs.read('/aws/lambda/chatty', { requestId }).map(({ message }) => message);
    expect(lines).toEqual([
      `START RequestId: ${requestId} Version: $LATEST`,
      expect.stringMatching(new RegExp(`\\t${requestId}\\tINFO\\thello 7$`)),
      'raw',
      expect.stringContaining(`REPORT RequestId: ${requestId}\tDuration: `),
    ]);
  });
});

describe('sandboxes', () => {
  const COUNTER = { 'index.mjs': 'let n = 0; export const handler = async (event) => ({ n: ++n, version: "one" });' };

  it('are warm for the next event, and not used again when the function is deployed anew', async () => {
    const { deploy, invoke } = world();
    const arn = await deploy('counter', COUNTER);

    expect((await invoke(arn)).answer).toEqual({ n: 1, version: 'one' });
    expect((await invoke(arn)).answer).toEqual({ n: 2, version: 'one' });
    await deploy('counter', COUNTER);
    expect((await invoke(arn)).answer).toEqual({ n: 3, version: 'one' });
    await deploy('counter', { 'index.mjs': (COUNTER['index.mjs'] as string).replace('"one"', '"two"') });
    expect((await invoke(arn)).answer).toEqual({ n: 1, version: 'two' });
  });

  it('run one event each, and no more than the function has reserved', async () => {
    const { deploy, lambda, owner, clock } = world();
    const arn = await deploy('reserved', handler(`console.log('begun'); ${NEVER}`), {
      ReservedConcurrentExecutions: 1,
    });

    const first = lambda.invoke(arn, '{}', owner);
    await expect(lambda.invoke(arn, '{}', owner)).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      statusCode: 429,
    });

    await until(() => lambda.logs.read('/aws/lambda/reserved').some(({ message }) => message.endsWith('begun')));
    clock.advance(3000);
    await first;
  });

  it('are bounded in number: who comes later waits for a place', async () => {
    const { deploy, invoke } = world({ mostSandboxes: 1 });
    const one = await deploy('one', handler("return 'one';"));
    const two = await deploy('two', handler("return 'two';"));

    const answers = await Promise.all([one, two, one, two].map((arn) => invoke(arn)));

    expect(answers.map(({ answer }) => answer)).toEqual(['one', 'two', 'one', 'two']);
  });

  it('end before the credentials of their role do', async () => {
    const { deploy, invoke, clock, credentialsIssued } = world();
    const arn = await deploy('long-lived', handler('return process.env.AWS_ACCESS_KEY_ID;'));
    expect((await invoke(arn)).answer).toBe('ASIA1');

    clock.advance(5 * 60_000);
    expect((await invoke(arn)).answer).toBe('ASIA1');
    clock.advance(11.9 * 3_600_000);

    expect((await invoke(arn)).answer).toBe('ASIA2');
    expect(credentialsIssued).toEqual(['long-lived', 'long-lived']);
  });
});

describe('an asynchronous invocation', () => {
  const FAILS = handler("const error = new Error('not today'); error.name = 'TooEarly'; throw error;");
  const attempts = ({ lambda }: LambdaWorld, name: string) =>
    lambda.logs.read(`/aws/lambda/${name}`).filter(({ message }) => message.includes('REPORT RequestId')).length;

  it('is tried three times, a minute and two minutes apart, and then goes to the dead-letter queue', async () => {
    const made = world();
    const { deploy, lambda, owner, clock, sent } = made;
    const arn = await deploy('fails', FAILS, { DeadLetterConfig: { TargetArn: QUEUE } });

    await lambda.queue(arn, '{"n":1}', owner);
    await until(() => attempts(made, 'fails') === 1);
    clock.advance(59_000);
    expect(attempts(made, 'fails')).toBe(1);
    clock.advance(1000);
    await until(() => attempts(made, 'fails') === 2);
    await until(() => clock.pending > 0);
    clock.advance(120_000);
    await until(() => sent.length === 1);

    expect(attempts(made, 'fails')).toBe(3);
    expect(sent).toMatchObject([
      { arn: QUEUE, body: '{"n":1}', attributes: { ErrorCode: '200', ErrorMessage: 'not today' } },
    ]);
  });

  it('sends the whole story to its destination for failures', async () => {
    const { deploy, lambda, owner, sent, put } = world();
    const arn = await deploy('fails', FAILS);
    await put('AWS::Lambda::EventInvokeConfig', {
      FunctionName: 'fails',
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });

    await lambda.queue(arn, '{"n":1}', owner);
    await until(() => sent.length === 1);

    expect(sent[0]?.principal).toMatchObject({ kind: 'assumed-role' });
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({
      version: '1.0',
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1, functionArn: `${arn}:$LATEST` },
      requestPayload: { n: 1 },
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
      responsePayload: { errorType: 'TooEarly', errorMessage: 'not today' },
    });
  });

  it('is taken up again when the runtime was stopped in the middle of it', async () => {
    const directory = folder(tmpdir());
    const store = new Store(':memory:');
    const before = world({ directory, store });
    const arn = await before.deploy('slow', handler(`console.log('begun'); ${NEVER}`));
    await before.lambda.queue(arn, '{}', before.owner);
    await until(() => before.lambda.logs.read('/aws/lambda/slow').some(({ message }) => message.endsWith('begun')));
    await before.lambda.background.stop();

    const after = world({ directory, store });
    const begun = () => after.lambda.logs.read('/aws/lambda/slow').filter(({ message }) => message.endsWith('begun'));
    await until(() => begun().length === 2);

    expect(new Set(begun().map(({ requestId }) => requestId)).size).toBe(1);
  });
});

describe('the policy of a function', () => {
  const service = { kind: 'service', accountId: ACCOUNT, arn: 'events.amazonaws.com', userId: 'events' } as const;
  const rule = `arn:aws:events:${REGION}:${ACCOUNT}:rule/start`;

  it('lets in the service and the source that were granted, and nobody else', async () => {
    const { deploy, lambda, put } = world();
    const arn = await deploy('target', handler('return 1;'));
    await put('AWS::Lambda::Permission', {
      FunctionName: arn,
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: rule,
    });

    await expect(lambda.queue(arn, '{}', { ...service, sourceArn: rule })).resolves.toBeUndefined();
    await expect(lambda.queue(arn, '{}', { ...service, sourceArn: `${rule}-other` })).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    await expect(
      lambda.queue(arn, '{}', { ...service, arn: 's3.amazonaws.com', sourceArn: rule }),
    ).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
  });
});

describe('a template', () => {
  it.each([
    { what: 'a runtime that is not Node', properties: { Runtime: 'python3.13' } },
    { what: 'an image', properties: { PackageType: 'Image' } },
    { what: 'an object version of the code', properties: { Code: { S3Key: 'a', S3ObjectVersion: '1' } } },
  ])('with $what is refused by name', async ({ properties }) => {
    const { deploy } = world();
    await expect(deploy('f', handler(''), properties)).rejects.toMatchObject({ code: 'NotImplemented' });
  });

  it.each(['../evil.mjs', '/etc/evil.mjs', 'a/../../evil.mjs', 'a\\..\\evil.mjs'])(
    'with a package that has %s is refused',
    async (path) => {
      const { deploy, invoke } = world();

      await expect(deploy('f', { ...handler(''), [path]: 'x' })).rejects.toThrow('leads out of it');
      await expect(invoke('f')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    },
  );

  it('with inline code runs it', async () => {
    const { deploy, invoke } = world();
    const arn = await deploy('inline', {}, { Code: { ZipFile: 'exports.handler = async () => "inline";' } });

    expect((await invoke(arn)).answer).toBe('inline');
  });

  it('publishes versions that stay as they were', async () => {
    const { deploy, invoke, put } = world();
    const arn = await deploy('versioned', handler("return 'old';"));
    const version = await put('AWS::Lambda::Version', { FunctionName: 'versioned' });
    await deploy('versioned', handler("return 'new';"));

    expect(version.physicalId).toBe(`${arn}:1`);
    expect((await invoke(`${arn}:1`)).answer).toBe('old');
    expect((await invoke(arn)).answer).toBe('new');
  });
});
