import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AwsError } from '../aws-error.ts';
import { VirtualClock } from '../clock.ts';
import { seededIds } from '../ids.ts';
import type { Call, RestResponse } from '../service.ts';
import { Store } from '../store/store.ts';
import { createS3, type S3 } from './s3.ts';
import { type Answer, CUT, md5, type Request } from './test-bucket-model.ts';

const ACCOUNT = '111111111111';
const CALL: Call = {
  principal: { kind: 'root', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT },
  accountId: ACCOUNT,
  region: 'us-east-1',
  requestId: 'REQUEST',
};

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | string;
}

/** For tests: the S3 of one account with one bucket, on disk, that can be killed at any moment and started again. */
export class TestBucket {
  #directory = mkdtempSync(join(tmpdir(), 'sluice-s3-model-'));
  #store: Store;
  #s3: S3;
  /** What `emitServiceEvent` was told and the transaction kept, by version id. */
  readonly told = new Map<string, string>();

  constructor() {
    [this.#store, this.#s3] = this.#open(0);
  }

  #open(life: number): [Store, S3] {
    const store = new Store(join(this.#directory, 'store.db'));
    const s3 = createS3(
      {
        accountId: ACCOUNT,
        region: 'us-east-1',
        store,
        directory: this.#directory,
        clock: new VirtualClock(),
        ids: seededIds(`life ${life}`),
        log: () => undefined,
      },
      {
        emitServiceEvent: () => undefined,
        callOperation: () => Promise.reject(new Error('These objects have no KMS key.')),
      },
    );
    return [store, s3];
  }

  create(): Promise<RestResponse> {
    return this.#send({ method: 'PUT', target: '/model-bucket' });
  }

  /**
   * Goes on with what is on disk at this moment, as after `kill -9`; `underWay` are requests that nobody will hear of any
   * more. Gives the files that hold bytes and the bodies that are rows, and those of both that are named.
   */
  async kill(life: number, underWay: readonly Promise<unknown>[]): Promise<void> {
    const [old, store] = [this.#directory, this.#store];
    this.#directory = mkdtempSync(join(tmpdir(), 'sluice-s3-model-'));
    cpSync(old, this.#directory, { recursive: true });
    await Promise.allSettled(underWay);
    store.close();
    rmSync(old, { recursive: true });
    [this.#store, this.#s3] = this.#open(life);
  }

  /** The names of all that holds bytes, and of all that should. They agree where nothing leaks. */
  bodies(): { files: readonly string[]; rows: readonly string[]; named: readonly string[] } {
    const contents = this.#store.prepare('SELECT content FROM s3_versions WHERE content IS NOT NULL').all();
    const parts = this.#store.prepare('SELECT part FROM s3_parts').all();
    const named = [
      ...contents.flatMap(({ content }) => (JSON.parse(String(content)) as { segments: { file: string }[] }).segments),
      ...parts.map(({ part }) => (JSON.parse(String(part)) as { segment: { file: string } }).segment),
    ].map(({ file }) => file);
    const rows = this.#store.prepare('SELECT name FROM s3_small_bodies').all();
    return {
      files: readdirSync(join(this.#directory, 's3-objects')).sort(),
      rows: rows.map(({ name }) => String(name)).sort(),
      named: named.sort(),
    };
  }

  dispose(): void {
    this.#store.close();
    rmSync(this.#directory, { recursive: true });
  }

  async begin(key: string): Promise<string> {
    const answer = await this.#send({ method: 'POST', target: `/model-bucket/${encodeURIComponent(key)}?uploads` });
    return /<UploadId>(.*)<\/UploadId>/.exec(String(answer.body))?.[1] as string;
  }

  /** The body of an answer as text. Throws AwsError. */
  async read(target: string): Promise<string> {
    const { statusCode, body } = await this.#send({ method: 'GET', target });
    if (statusCode >= 400) throw new Error(`${target}: ${String(body)}`);
    return textOf(body);
  }

  async answer(request: Request): Promise<Answer> {
    try {
      return await this.#ask(request);
    } catch (error) {
      if (error instanceof AwsError) return error.code === 'IncompleteBody' ? CUT : error.code;
      if (error instanceof ClientGone) return CUT;
      throw error;
    }
  }

  async #ask(request: Request): Promise<Answer> {
    const path = (key: string) => `/model-bucket/${encodeURIComponent(key)}`;
    const version = (versionId: string | undefined) => (versionId === undefined ? '' : `?versionId=${versionId}`);
    switch (request.op) {
      case 'put': {
        const { ifMatch, ifNoneMatch } = request.condition;
        const headers = {
          ...(ifMatch ? { 'if-match': ifMatch } : {}),
          ...(ifNoneMatch ? { 'if-none-match': ifNoneMatch } : {}),
        };
        const answer = await this.#send({ method: 'PUT', target: path(request.key), headers, body: request.body });
        this.#tell(answer);
        return `put ${etagOf(answer)}`;
      }
      case 'cut-put':
        return this.#cut('PUT', path(request.key), request.body, request.how);
      case 'cut-part':
        return this.#cut('PUT', `${path(request.key)}?partNumber=1&uploadId=${request.uploadId}`, request.body, 'gone');
      case 'get': {
        const { ifMatch, ifNoneMatch } = request.condition;
        const headers = {
          ...(ifMatch ? { 'if-match': ifMatch } : {}),
          ...(ifNoneMatch ? { 'if-none-match': ifNoneMatch } : {}),
        };
        const answer = await this.#send({
          method: 'GET',
          target: `${path(request.key)}${version(request.versionId)}`,
          headers,
        });
        if (answer.statusCode === 304) return 'not modified';
        const text = await textOf(answer.body);
        if (answer.statusCode >= 400) return /<Code>(.*)<\/Code>/.exec(text)?.[1] as string;
        return `got ${etagOf(answer)} ${md5(text)}`;
      }
      case 'delete': {
        const target = `${path(request.key)}${version(request.versionId)}`;
        const { headers } = await this.#send({ method: 'DELETE', target });
        return headers?.['x-amz-delete-marker'] === 'true' ? 'deleted, marker' : 'deleted';
      }
      case 'copy': {
        const source = `${path(request.from)}${version(request.versionId)}`;
        const answer = await this.#send({
          method: 'PUT',
          target: path(request.to),
          headers: { 'x-amz-copy-source': source },
        });
        return `copied ${/<ETag>&quot;(.*)&quot;<\/ETag>/.exec(String(answer.body))?.[1]}`;
      }
      case 'part': {
        const target = `${path(request.key)}?partNumber=1&uploadId=${request.uploadId}`;
        return `part ${etagOf(await this.#send({ method: 'PUT', target, body: request.body }))}`;
      }
      case 'complete': {
        const part = `<Part><PartNumber>1</PartNumber><ETag>"${request.partEtag}"</ETag></Part>`;
        const answer = await this.#send({
          method: 'POST',
          target: `${path(request.key)}?uploadId=${request.uploadId}`,
          body: `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`,
        });
        return `completed ${/<ETag>&quot;(.*)&quot;<\/ETag>/.exec(String(answer.body))?.[1]}`;
      }
      case 'abort':
        await this.#send({ method: 'DELETE', target: `${path(request.key)}?uploadId=${request.uploadId}` });
        return 'aborted';
      case 'list': {
        const { page, token } = await this.list(request, undefined, 'V2');
        return `${page.join(' ')}${token === undefined ? '' : ' …'}`;
      }
      case 'versioning':
        await this.#send({
          method: 'PUT',
          target: '/model-bucket?versioning',
          body: `<VersioningConfiguration><Status>${request.status}</Status></VersioningConfiguration>`,
        });
        return 'set';
    }
  }

  /** One page of names, keys and common prefixes in one order, and what asks for the next one. */
  async list(
    { prefix, delimiter, maxKeys }: { prefix: string; delimiter: string; maxKeys: number },
    after: string | undefined,
    api: 'V1' | 'V2',
  ): Promise<{ page: readonly string[]; token: string | undefined }> {
    const query = new URLSearchParams({ prefix, delimiter, 'max-keys': String(maxKeys) });
    if (api === 'V2') query.set('list-type', '2');
    if (after !== undefined) query.set(api === 'V2' ? 'continuation-token' : 'marker', after);
    const text = await this.read(`/model-bucket?${query}`);
    const keys = [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key as string);
    const prefixes = [...text.matchAll(/<CommonPrefixes><Prefix>(.*?)<\/Prefix>/g)].map(([, name]) => name as string);
    const page = [...keys, ...prefixes].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    if (!text.includes('<IsTruncated>true')) return { page, token: undefined };
    const given = new RegExp(api === 'V2' ? '<NextContinuationToken>(.*?)<' : '<NextMarker>(.*?)<').exec(text)?.[1];
    return { page, token: given ?? page.at(-1) };
  }

  async #cut(method: string, target: string, body: string, how: 'gone' | 'short'): Promise<Answer> {
    const half = body.slice(0, body.length / 2);
    async function* pieces() {
      yield Buffer.from(half);
      if (how === 'gone') throw new ClientGone();
    }
    const headers = { 'content-length': String(Buffer.byteLength(body)) };
    const answer = await this.#send({ method, target, headers, body: Readable.from(pieces(), { objectMode: false }) });
    return `${target} was taken: ${answer.statusCode}`;
  }

  #tell(answer: RestResponse): void {
    const versionId = answer.headers?.['x-amz-version-id'];
    if (versionId !== undefined && versionId !== 'null') this.told.set(versionId, etagOf(answer));
  }

  async #send({ method, target, headers = {}, body = '' }: Sent): Promise<RestResponse> {
    const [rawPath = '', query = ''] = target.split('?');
    return this.#s3.service.handle(
      {
        method,
        rawPath,
        query: new URLSearchParams(query),
        headers: {
          ...(typeof body === 'string' ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
          ...headers,
        },
        body: typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body,
      },
      CALL,
    );
  }
}

class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

const etagOf = ({ headers }: RestResponse): string => (headers?.etag ?? '').replaceAll('"', '');

async function textOf(body: RestResponse['body']): Promise<string> {
  if (!(body instanceof Readable)) return Buffer.from(body ?? '').toString();
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
