import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { XMLParser } from 'fast-xml-parser';
import { AwsError } from '../aws-error.ts';
import type { Principal, RestResponse, Services } from '../service.ts';
import type { Channel, TrainingSpecification } from './training-job.ts';
import { tarOf } from './ustar.ts';

/** S3 as a job's role reads from and writes to it. */
export class JobStorage {
  readonly #services: Pick<Services, 'callRest'>;
  readonly #principal: Principal;

  constructor(services: Pick<Services, 'callRest'>, principal: Principal) {
    this.#services = services;
    this.#principal = principal;
  }

  /** Writes every object of the channel below `folder`. Throws AwsError as S3 answers, and when there is no object. */
  async download({ name, bucket, prefix }: Channel, folder: string, abort: AbortSignal): Promise<void> {
    let found = false;
    for await (const key of this.#list(bucket, prefix)) {
      found = true;
      // A key that ends in a slash is a console's folder.
      if (key.endsWith('/')) continue;
      const path = placeOf(key, prefix);
      if (path.split('/').some((part) => part === '..' || part === '.' || part === '')) {
        throw new AwsError('InvalidKey', `the key ${key} cannot be a file below the channel ${name}`);
      }
      abort.throwIfAborted();
      const { body } = await this.#ask('GET', bucket, key);
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await pipeline(asStream(body), createWriteStream(file), { signal: abort });
    }
    if (!found) throw new AwsError('NoSuchKey', `no object has the prefix s3://${bucket}/${prefix}`, 404);
  }

  /** Packs a folder as .tar.gz and puts it; returns its URI. */
  async upload(
    folder: string,
    packedFile: string,
    output: TrainingSpecification['output'],
    path: string,
  ): Promise<string> {
    await pipeline(Readable.from(tarOf(folder)), createGzip(), createWriteStream(packedFile));
    const key = output.prefix === '' ? path : `${output.prefix}/${path}`;
    await this.#ask('PUT', output.bucket, key, {
      headers: {
        'content-length': String((await stat(packedFile)).size),
        ...(output.kmsKeyId !== undefined && {
          'x-amz-server-side-encryption': 'aws:kms',
          'x-amz-server-side-encryption-aws-kms-key-id': output.kmsKeyId,
        }),
      },
      body: createReadStream(packedFile),
    });
    return `s3://${output.bucket}/${key}`;
  }

  async *#list(bucket: string, prefix: string): AsyncGenerator<string> {
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ 'list-type': '2', prefix, 'encoding-type': 'url' });
      if (token !== undefined) query.set('continuation-token', token);
      const { body } = await this.#ask('GET', bucket, undefined, { query });
      const { ListBucketResult: page } = parser.parse(await textOf(body)) as {
        ListBucketResult: { Contents?: { Key: string }[]; NextContinuationToken?: string };
      };
      for (const { Key } of page.Contents ?? []) yield decodeURIComponent(Key.replaceAll('+', ' '));
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async #ask(
    method: 'GET' | 'PUT',
    bucket: string,
    key: string | undefined,
    more: { query?: URLSearchParams; headers?: Record<string, string>; body?: Readable } = {},
  ): Promise<RestResponse> {
    const { query = new URLSearchParams(), headers = {}, body = Readable.from([]) } = more;
    const path = key === undefined ? '' : `/${key.split('/').map(encodeURIComponent).join('/')}`;
    return this.#services.callRest(
      's3',
      { method, rawPath: `/${encodeURIComponent(bucket)}${path}`, query, headers, body },
      this.#principal,
    );
  }
}

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => name === 'Contents',
});

/** A prefix that is a folder is taken off the key; what is in the middle of a name stays. */
function placeOf(key: string, prefix: string): string {
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  if (key.startsWith(folder)) return key.slice(folder.length);
  return key.slice(prefix.lastIndexOf('/') + 1);
}

const asStream = (body: RestResponse['body']): Readable =>
  body instanceof Readable ? body : Readable.from(body ? [Buffer.from(body)] : []);

async function textOf(body: RestResponse['body']): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of asStream(body)) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

export const isEmptyFolder = async (folder: string): Promise<boolean> => (await readdir(folder)).length === 0;
