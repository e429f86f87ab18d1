import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Sha256 } from '@aws-crypto/sha256-js';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { AccessKey } from '../iam/credentials.ts';
import { systemIds } from '../ids.ts';
import type { RestRequest } from '../service.ts';
import type { Gateway } from './gateway.ts';
import { type Listener, listen } from './listener.ts';

const REGION = 'eu-west-1';
const key: AccessKey = {
  accessKeyId: 'AKIATESTTESTTESTTEST',
  secretAccessKey: 'a secret for this test',
  principal: { kind: 'user', accountId: '111111111111', arn: 'arn:aws:iam::111111111111:user/u', userId: 'AIDAU' },
};

/** Stands where S3 stands: reads the payload to its end and keeps what it got. */
class ReadingService implements Gateway {
  received: { request: RestRequest; body: Buffer } | undefined;
  failure: unknown;
  findAccessKey = (id: string) => (id === key.accessKeyId ? key : undefined);
  queryErrorCode = (_service: string, code: string) => code;
  async callOperation(): Promise<never> {
    throw new Error('S3 is not spoken to in operations');
  }
  async handleFunctionUrl(): Promise<never> {
    throw new Error('S3 has no function URLs');
  }
  async handleRest(_service: string, request: RestRequest) {
    try {
      this.received = { request, body: await buffer(request.body) };
    } catch (error) {
      this.failure = error;
      throw error;
    }
    return { statusCode: 200, headers: { etag: '"etag"' } };
  }
}

describe('S3 payloads', () => {
  const clock = new VirtualClock();
  let listener: Listener;
  let current: ReadingService;

  beforeAll(async () => {
    const forward: Gateway = {
      findAccessKey: (id) => current.findAccessKey(id),
      queryErrorCode: (name, code) => current.queryErrorCode(name, code),
      callOperation: () => current.callOperation(),
      handleFunctionUrl: () => current.handleFunctionUrl(),
      handleRest: (name, request) => current.handleRest(name, request),
    };
    listener = await listen(forward, { port: 0, region: REGION, clock, ids: systemIds, log: () => {} });
  });
  beforeEach(() => {
    current = new ReadingService();
  });
  afterAll(() => listener.stop(0));

  const client = () =>
    new S3Client({
      region: REGION,
      endpoint: `http://127.0.0.1:${listener.port}`,
      credentials: key,
      maxAttempts: 1,
      systemClockOffset: clock.now() - Date.now(),
    });

  const content = Buffer.from(`col1,col2\r\n${'1,2\r\n'.repeat(50_000)}`);
  const keys = ['plain.csv', 'a b+c%2Bd.csv', '../up/./x', "ünï/cödé'(!)*.csv", '%', '//double'];

  test.each(keys)('the SDK may put a buffer under the key %s', async (Key) => {
    await client().send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: content }));
    expect(current.received?.body.equals(content)).toBe(true);
    expect(decodeURIComponent(current.received?.request.rawPath ?? '')).toBe(`/bucket/${Key}`);
  });

  test('the SDK may stream, and the checksum in its trailer is handed on', async () => {
    const pieces = [content.subarray(0, 70_000), content.subarray(70_000)];
    await client().send(
      new PutObjectCommand({
        Bucket: 'bucket',
        Key: 'streamed',
        Body: Readable.from(pieces),
        ContentLength: content.length,
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    const { request, body } = current.received as NonNullable<ReadingService['received']>;
    expect(request.headers['content-encoding']).toContain('aws-chunked');
    expect(body.equals(content)).toBe(true);
    expect(request.trailers).toEqual({
      'x-amz-checksum-sha256': createHash('sha256').update(content).digest('base64'),
    });
  });

  async function put(body: Buffer, headers: Record<string, string>, path = '/bucket/key') {
    const request = httpRequest({ host: '127.0.0.1', port: listener.port, method: 'PUT', path, headers });
    request.on('error', () => {});
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { statusCode: response.statusCode, body: (await buffer(response)).toString() };
  }

  const signer = () =>
    new SignatureV4({ credentials: key, region: REGION, service: 's3', sha256: Sha256, uriEscapePath: false });
  const unsigned = (headers: Record<string, string> = {}) => ({
    method: 'PUT',
    protocol: 'http:',
    hostname: '127.0.0.1',
    port: listener.port,
    path: '/bucket/key',
    query: {},
    headers: { host: `127.0.0.1:${listener.port}`, ...headers },
  });
  const signingDate = () => ({ signingDate: new Date(clock.now()) });

  test('another body than the one that was signed fails, after the service has seen it and before it has its end', async () => {
    const signed = await signer().sign(
      { ...unsigned({ 'x-amz-content-sha256': createHash('sha256').update('right').digest('hex') }), body: 'right' },
      signingDate(),
    );
    const answer = await put(Buffer.from('wrong'), signed.headers);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
    expect(current.received).toBeUndefined();
    expect(current.failure).toMatchObject({ code: 'XAmzContentSHA256Mismatch' });
  });

  test('a request without x-amz-content-sha256 is refused', async () => {
    const signed = await signer().sign({ ...unsigned(), body: 'x' }, signingDate());
    const { 'x-amz-content-sha256': _hash, ...headers } = signed.headers;
    const answer = await put(Buffer.from('x'), headers);
    expect(answer.body).toMatch(/SignatureDoesNotMatch|InvalidRequest/);
    expect(current.received).toBeUndefined();
  });

  const presign = async (expiresIn: number) => {
    const { path, query } = await signer().presign(
      { ...unsigned(), headers: { host: `127.0.0.1:${listener.port}`, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
      { expiresIn, ...signingDate(), unhoistableHeaders: new Set() },
    );
    return `${path}?${new URLSearchParams(query as Record<string, string>)}`;
  };

  test('a presigned address works without further credentials until it expires', async () => {
    const path = await presign(60);
    expect((await put(Buffer.from('by link'), {}, path)).statusCode).toBe(200);
    expect(current.received?.body.toString()).toBe('by link');
    clock.advance(60_000);
    expect((await put(Buffer.from('by link'), {}, path)).statusCode).toBe(200);
    clock.advance(1);
    expect(await put(Buffer.from('by link'), {}, path)).toMatchObject({
      statusCode: 403,
      body: expect.stringContaining('<Code>AccessDenied</Code><Message>Request has expired</Message>'),
    });
  });

  test('a presigned address is good for that key, method and time only', async () => {
    const path = await presign(60);
    for (const other of [
      path.replace('/bucket/key', '/bucket/other'),
      path.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'),
      `${path}&versionId=1`,
    ]) {
      expect((await put(Buffer.from('x'), {}, other)).body).toContain('<Code>SignatureDoesNotMatch</Code>');
    }
    expect(current.received).toBeUndefined();
  });

  test('a client that goes away leaves the service with an error, not with a shorter object', async () => {
    const signed = await signer().sign(
      { ...unsigned({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-length': '100' }), body: undefined },
      signingDate(),
    );
    const request = httpRequest({
      host: '127.0.0.1',
      port: listener.port,
      method: 'PUT',
      path: '/bucket/key',
      headers: signed.headers,
    });
    request.on('error', () => {});
    request.write('half');
    await once(request, 'socket');
    await new Promise((resolve) => request.write('more', resolve));
    request.destroy();
    await expect.poll(() => current.failure).toBeDefined();
    expect(current.received).toBeUndefined();
  });
});
