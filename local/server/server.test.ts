import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from './test-runtime.ts';

interface Answer {
  readonly statusCode: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

describe('who is let in', () => {
  let runtime: TestRuntime;

  beforeAll(async () => {
    runtime = await startTestRuntime();
  });
  afterAll(() => runtime.dispose());

  async function send({ method, path, headers, body }: Sent): Promise<Answer> {
    const request = httpRequest({ host: '127.0.0.1', port: runtime.port, method, path, headers, setHost: false });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const piece of response) text += piece;
    return { statusCode: response.statusCode ?? 0, headers: response.headers, body: text };
  }

  /** A signed ListKeys, to be tampered with. */
  async function signed(
    changes: { at?: Date; service?: string; region?: string; secret?: string; accessKeyId?: string } = {},
  ): Promise<Sent> {
    const { accessKeyId, secretAccessKey } = runtime.adminCredentials(DEV);
    const signer = new SignatureV4({
      credentials: {
        accessKeyId: changes.accessKeyId ?? accessKeyId,
        secretAccessKey: changes.secret ?? secretAccessKey,
      },
      region: changes.region ?? REGION,
      service: changes.service ?? 'kms',
      sha256: Sha256,
    });
    const body = '{}';
    const request = await signer.sign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname: '127.0.0.1',
        port: runtime.port,
        path: '/',
        query: {},
        headers: {
          host: `127.0.0.1:${runtime.port}`,
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'TrentService.ListKeys',
        },
        body,
      },
      changes.at ? { signingDate: changes.at } : {},
    );
    return { method: 'POST', path: '/', headers: { ...request.headers }, body };
  }

  test('a signed request is answered', async () => {
    const answer = await send(await signed());
    expect(answer).toMatchObject({ statusCode: 200, body: '{"Keys":[],"Truncated":false}' });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  const type = (answer: Answer) => JSON.parse(answer.body).__type;

  test('a signature made with another secret is refused', async () => {
    const answer = await send(await signed({ secret: 'not the secret' }));
    expect(answer.statusCode).toBe(400);
    expect(type(answer)).toBe('InvalidSignatureException');
  });

  test('a signature of another request is refused, whatever part differs', async () => {
    const good = await signed();
    const tampered: Record<string, Sent> = {
      body: { ...good, body: '{"Limit":1}' },
      path: { ...good, path: '/other' },
      query: { ...good, path: '/?a=b' },
      method: { ...good, method: 'PUT' },
      target: { ...good, headers: { ...good.headers, 'x-amz-target': 'TrentService.ListAliases' } },
      host: { ...good, headers: { ...good.headers, host: `localhost:${runtime.port}` } },
    };
    for (const [part, request] of Object.entries(tampered)) {
      const answer = await send(request);
      expect(type(answer), part).toBe('InvalidSignatureException');
    }
  });

  test('an x-amz header that the signature does not cover is refused', async () => {
    const good = await signed();
    const answer = await send({ ...good, headers: { ...good.headers, 'x-amz-copy-source': '/bucket/key' } });
    expect(answer.body).toContain('which were not signed: x-amz-copy-source');
    expect(answer.statusCode).toBe(400);
  });

  test.each([
    { minutes: -16, says: 'Signature expired' },
    { minutes: 16, says: 'Signature not yet current' },
  ])('a request signed $minutes minutes from now is refused', async ({ minutes, says }) => {
    const answer = await send(await signed({ at: new Date(Date.now() + minutes * 60_000) }));
    expect(type(answer)).toBe('InvalidSignatureException');
    expect(answer.body).toContain(says);
  });

  test('S3 calls a wrong time RequestTimeTooSkewed', async () => {
    const answer = await send(await signed({ service: 's3', at: new Date(Date.now() - 16 * 60_000) }));
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('<Code>RequestTimeTooSkewed</Code>');
  });

  test('an unknown access key is refused', async () => {
    const answer = await send(await signed({ accessKeyId: 'AKIANOBODYHASTHISKEY' }));
    expect(type(answer)).toBe('UnrecognizedClientException');
  });

  test('a request that is not signed is refused, in the protocol that it speaks', async () => {
    const unsigned = { method: 'POST', path: '/', body: '{}' };
    const host = `127.0.0.1:${runtime.port}`;
    const json = await send({ ...unsigned, headers: { host, 'x-amz-target': 'TrentService.ListKeys' } });
    expect(type(json)).toBe('MissingAuthenticationTokenException');
    const query = await send({
      ...unsigned,
      headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    expect(query.body).toContain('<Code>MissingAuthenticationToken</Code>');
    const s3 = await send({ method: 'GET', path: '/bucket/key', headers: { host }, body: '' });
    expect(s3).toMatchObject({ statusCode: 403, body: expect.stringContaining('<Code>AccessDenied</Code>') });
    const lambda = await send({ method: 'GET', path: '/2015-03-31/functions', headers: { host }, body: '' });
    expect(lambda.headers['x-amzn-errortype']).toBe('MissingAuthenticationTokenException');
  });

  test('a signature for another region or service is refused', async () => {
    expect((await send(await signed({ region: 'us-east-1' }))).body).toContain(`expecting '${REGION}'`);
    expect((await send(await signed({ service: 'sqs' }))).body).toContain("correct service: 'kms'");
    const unknown = await send(await signed({ service: 'ec2' }));
    expect(unknown.statusCode).toBe(400);
    expect(unknown.body).toContain("The service 'ec2' is not implemented");
  });

  test.each(['example.com', '127.0.0.1.example.com', '169.254.169.254', 'localhost.evil'])(
    'a request whose Host is %s is refused: a page rebound its name to this address',
    async (host) => {
      const good = await signed();
      const answer = await send({ ...good, headers: { ...good.headers, host } });
      expect(answer.statusCode).toBe(403);
      expect(answer.body).toContain("is not this machine's");
    },
  );

  test('a request of a web page is refused and gets no CORS headers', async () => {
    const good = await signed();
    const answer = await send({ ...good, headers: { ...good.headers, origin: 'http://localhost:3000' } });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('Origin');
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each([
    { case: 'no Credential', authorization: 'AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00' },
    {
      case: 'a Credential of four parts',
      authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/kms, SignedHeaders=host, Signature=00',
    },
    { case: 'another algorithm', authorization: 'AWS4-ECDSA-P256-SHA256 Credential=a' },
    { case: 'nothing that can be read', authorization: ',,,===' },
  ])('an Authorization with $case is malformed', async ({ authorization }) => {
    const answer = await send({
      method: 'POST',
      path: '/',
      headers: { host: '127.0.0.1', 'x-amz-target': 'TrentService.ListKeys', authorization },
      body: '{}',
    });
    expect(type(answer)).toBe('IncompleteSignatureException');
  });

  test.each([
    { case: 'no JSON', body: '{"KeyId":', code: 'SerializationException' },
    { case: 'a JSON list', body: '[]', code: 'SerializationException' },
    {
      case: 'an operation named as a member of every object',
      target: 'TrentService.constructor',
      code: 'NotImplemented',
    },
    { case: 'a target of no service', target: 'Nothing.Here', code: 'UnknownOperationException' },
  ])('a signed request with $case is refused', async ({ body = '{}', target = 'TrentService.DescribeKey', code }) => {
    const { accessKeyId, secretAccessKey } = runtime.adminCredentials(DEV);
    const signer = new SignatureV4({
      credentials: { accessKeyId, secretAccessKey },
      region: REGION,
      service: 'kms',
      sha256: Sha256,
    });
    const { headers } = await signer.sign({
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/',
      headers: { host: '127.0.0.1', 'x-amz-target': target },
      body,
    });
    const answer = await send({ method: 'POST', path: '/', headers: { ...headers }, body });
    expect(type(answer)).toBe(code);
  });

  test('a body over the limit is refused before it is held', async () => {
    const good = await signed();
    const request = httpRequest({
      host: '127.0.0.1',
      port: runtime.port,
      method: 'POST',
      path: '/',
      headers: { ...good.headers, 'content-length': String(17 * 1024 * 1024) },
    });
    // The server may cut the connection while this is still being sent.
    request.on('error', () => {});
    request.write('{');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  test('a signature by hand, from the documentation alone, is accepted', async () => {
    const { accessKeyId, secretAccessKey } = runtime.adminCredentials(DEV);
    const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
    const hash = (data: string) => createHash('sha256').update(data).digest('hex');
    const timestamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
    const date = timestamp.slice(0, 8);
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const canonical = `POST\n/\n\nhost:localhost\nx-amz-date:${timestamp}\n\nhost;x-amz-date\n${hash(body)}`;
    const scope = `${date}/${REGION}/sts/aws4_request`;
    const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), REGION), 'sts'), 'aws4_request');
    const signature = hmac(key, `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash(canonical)}`).toString('hex');
    const answer = await send({
      method: 'POST',
      path: '/',
      headers: {
        host: 'localhost',
        'x-amz-date': timestamp,
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=host;x-amz-date,Signature=${signature}`,
      },
      body,
    });
    expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining(`<Account>${DEV}</Account>`) });
  });
});
