import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../aws-error.ts';
import { systemClock } from '../clock.ts';
import { systemIds } from '../ids.ts';
import type { Principal, RestRequest, RestResponse } from '../service.ts';
import type { Gateway } from './gateway.ts';
import { type Listener, listen } from './listener.ts';

const principal: Principal = {
  kind: 'user',
  accountId: '111111111111',
  arn: 'arn:aws:iam::111111111111:user/u',
  userId: 'U',
};
const credentials = { accessKeyId: 'AKIATESTTESTTESTTEST', secretAccessKey: 'a secret for this test' };

describe('what a service answers', () => {
  let answer: (request?: RestRequest) => Promise<RestResponse>;
  let seen: (Principal | undefined)[];
  let logged: { message: string; fields: unknown }[];
  let listener: Listener;

  beforeEach(async () => {
    seen = [];
    logged = [];
    const gateway: Gateway = {
      findAccessKey: (accessKeyId) =>
        accessKeyId === credentials.accessKeyId ? { ...credentials, principal } : undefined,
      queryErrorCode: (_service, code) => code,
      callOperation: async () => {
        await answer();
        return {};
      },
      handleRest: (_service, request, caller) => {
        seen.push(caller.principal);
        return answer(request);
      },
      handleFunctionUrl: (request, caller) => {
        seen.push(caller);
        return answer(request);
      },
    };
    listener = await listen(gateway, {
      port: 0,
      region: 'eu-west-1',
      clock: systemClock,
      ids: systemIds,
      log: (_level, message, fields) => logged.push({ message, fields }),
    });
  });
  afterEach(() => listener.stop(0));

  const client = () => ({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${listener.port}`,
    credentials,
    maxAttempts: 1,
  });

  const send = async (method: string, path: string, body = '') => {
    const request = httpRequest({ host: '127.0.0.1', port: listener.port, method, path });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { statusCode: response.statusCode, body: (await buffer(response)).toString() };
  };

  test.each([
    { case: 'S3', name: 'InternalError', call: () => new S3Client(client()).send(new ListBucketsCommand({})) },
    {
      case: 'Lambda',
      name: 'ServiceException',
      call: () => new LambdaClient(client()).send(new ListFunctionsCommand({})),
    },
    { case: 'SQS', name: 'InternalFailure', call: () => new SQSClient(client()).send(new ListQueuesCommand({})) },
    {
      case: 'STS',
      name: 'InternalFailure',
      call: () => new STSClient(client()).send(new GetCallerIdentityCommand({})),
    },
  ])(
    'a defect is a 500 of $case that tells the log what happened and the client only where to look',
    async ({ name, call }) => {
      answer = async () => {
        throw new TypeError('the secret is swordfish');
      };
      const error = await call().then(
        () => undefined,
        (thrown: Error & { $metadata: { httpStatusCode: number } }) => thrown,
      );
      expect(error).toMatchObject({ name, $metadata: { httpStatusCode: 500 } });
      expect(JSON.stringify(error) + error?.message).not.toContain('swordfish');
      const [line] = logged;
      expect(line?.message).toBe('A request failed unexpectedly');
      const { requestId, error: stack } = (line?.fields ?? {}) as { requestId: string; error: string };
      expect(stack).toContain('TypeError: the secret is swordfish\n');
      expect(error?.message).toContain(requestId);
    },
  );

  test('an error of S3 keeps its code, status and fields', async () => {
    answer = async () => {
      throw new AwsError('NoSuchKey', 'The specified key <a&b> does not exist.', 404, { Key: 'a&b' });
    };
    await expect(new S3Client(client()).send(new ListBucketsCommand({}))).rejects.toMatchObject({
      name: 'NoSuchKey',
      message: 'The specified key <a&b> does not exist.',
      Key: 'a&b',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('an error of Lambda keeps its code', async () => {
    answer = async () => {
      throw new AwsError('ResourceNotFoundException', 'Function not found: x', 404);
    };
    await expect(new LambdaClient(client()).send(new ListFunctionsCommand({}))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('an unsigned call of a function URL reaches the function service as nobody', async () => {
    answer = async (request) => ({ statusCode: 201, body: `${request?.rawPath} ${request?.query.get('q')}` });
    expect(await send('POST', '/_url/abc/p%20q?q=1', '{}')).toEqual({ statusCode: 201, body: '/_url/abc/p%20q 1' });
    expect(seen).toEqual([undefined]);
  });

  test('stopping answers what is under way and takes nothing new', async () => {
    let finish: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      begun = resolve;
    });
    answer = async () => {
      begun();
      await held;
      return { statusCode: 200, body: 'finished' };
    };
    const underWay = send('GET', '/_url/abc/');
    await arrived;
    const stopped = listener.stop(60_000);
    await expect(send('GET', '/_url/abc/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    finish();
    expect(await underWay).toEqual({ statusCode: 200, body: 'finished' });
    await stopped;
  });
});
