import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Outcome } from './caller.ts';
import { again, type Load, type LoadContext } from './load.ts';
import { bodyOf, etagOf, etagOfParts, unquoted } from './object-body.ts';
import { PossibleStates } from './possible-states.ts';
import { BUCKET } from './stack.ts';

/** ETags by name; an object that is not there has none. */
type Objects = Readonly<Record<string, string>>;

const NAMES = ['a', 'b', 'c'];
/** Kept in a row, at its edge, and kept in a file. */
const SIZES = [300, 16 * 1024, 120_000];
const LEAST_PART_BYTES = 5 * 1024 * 1024;
/** How many uploads have a first part that lets a second one follow. */
const IN_TWO_PARTS = 0.03;

/** Puts, uploads in parts, copies and deletes its own objects, and reads them back. */
export function objectWriter(context: LoadContext): Load {
  const { s3, caller, random, name: writer, tell } = context;
  const objects = new PossibleStates<Objects>({});
  /** What an object with this ETag has in it. */
  const bodies = new Map<string, Buffer>();
  const Bucket = BUCKET;
  const keyOf = (name: string) => `${writer}/${name}`;
  const anyName = () => NAMES[random.below(NAMES.length)] as string;
  let version = 0;

  function remember(etag: string, body: Buffer): string {
    bodies.set(etag, body);
    return etag;
  }

  function happened(what: string, outcome: Outcome<unknown>, step: (before: Objects) => Objects | undefined) {
    const problem = objects.after(outcome.fate, step);
    tell(problem && `${writer}: ${what}: ${problem}`);
  }

  async function put(name: string): Promise<void> {
    const body = bodyOf(writer, ++version, SIZES[random.below(SIZES.length)] as number);
    const etag = remember(etagOf(body), body);
    const outcome = await caller.attempt(() =>
      s3.send(new PutObjectCommand({ Bucket, Key: keyOf(name), Body: body, ContentType: 'text/plain' })),
    );
    if (outcome.fate === 'acknowledged') expectEtag('PutObject', outcome.answer.ETag, etag);
    happened(`PutObject of ${name}`, outcome, (before) => ({ ...before, [name]: etag }));
  }

  /** An upload that is begun outlives the runtime: what was not heard is sent again. */
  async function upload(name: string): Promise<void> {
    const Key = keyOf(name);
    version++;
    const sizes = random.next() < IN_TWO_PARTS ? [LEAST_PART_BYTES, 700] : [20_000 + random.below(50_000)];
    const parts = sizes.map((bytes) => bodyOf(writer, version, bytes));
    const etag = remember(etagOfParts(parts), Buffer.concat(parts));
    const begun = await caller.attempt(() => s3.send(new CreateMultipartUploadCommand({ Bucket, Key })));
    if (begun.fate !== 'acknowledged') return;
    const { UploadId } = begun.answer;
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [at, Body] of parts.entries()) {
      const part = { Bucket, Key, UploadId, PartNumber: at + 1 };
      const { ETag } = await caller.insist(() => s3.send(new UploadPartCommand({ ...part, Body })));
      Parts.push({ PartNumber: at + 1, ETag });
    }
    const whole = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    const outcome = await caller.attempt(() => s3.send(whole));
    if (outcome.fate === 'acknowledged') expectEtag('CompleteMultipartUpload', outcome.answer.ETag, etag);
    happened(`CompleteMultipartUpload of ${name}`, outcome, (before) => ({ ...before, [name]: etag }));
  }

  async function copy(from: string, to: string): Promise<void> {
    const request = { Bucket, Key: keyOf(to), CopySource: `${Bucket}/${keyOf(from)}` };
    const outcome = await caller.attempt(() => s3.send(new CopyObjectCommand(request)), ['NoSuchKey']);
    happened(`CopyObject of ${from} to ${to}`, outcome, (before) => {
      const body = bodies.get(before[from] ?? '');
      return body && { ...before, [to]: remember(etagOf(body), body) };
    });
  }

  async function remove(name: string): Promise<void> {
    const outcome = await caller.attempt(() => s3.send(new DeleteObjectCommand({ Bucket, Key: keyOf(name) })));
    happened(`DeleteObject of ${name}`, outcome, (before) => without(before, name));
  }

  async function look(name: string): Promise<void> {
    const { etag, bytes } = await caller.insist(async () => {
      try {
        const found = await s3.send(new GetObjectCommand({ Bucket, Key: keyOf(name) }));
        return { etag: unquoted(found.ETag), bytes: await found.Body?.transformToByteArray() };
      } catch (error) {
        if ((error as Error).name !== 'NoSuchKey') throw error;
        return { etag: undefined, bytes: undefined };
      }
    });
    if (bytes && !bodies.get(etag)?.equals(bytes)) tell(`${keyOf(name)} has bytes that are not those of its ETag`);
    const problem = objects.saw(
      `${name} with ${etag}`,
      (state) => state[name] === etag,
      (state) => (etag === undefined ? without(state, name) : { ...state, [name]: etag }),
    );
    tell(problem && `${writer}: ${problem}`);
    forget();
  }

  /** Bodies that no object can have any more. */
  function forget(): void {
    const wanted = new Set(objects.all.flatMap((state) => Object.values(state)));
    for (const etag of bodies.keys()) if (!wanted.has(etag)) bodies.delete(etag);
  }

  function expectEtag(what: string, told: string | undefined, etag: string): void {
    if (unquoted(told) !== etag) tell(`${writer}: ${what} answered the ETag ${told}, not ${etag}`);
  }

  async function turn(): Promise<void> {
    const kind = random.next();
    if (kind < 0.45) await put(anyName());
    else if (kind < 0.6) await upload(anyName());
    else if (kind < 0.7) await remove(anyName());
    else if (kind < 0.8) {
      const [from, to] = [anyName(), anyName()];
      if (from !== to) await copy(from, to);
    } else await look(anyName());
    // What may be one of many soon is one of too many.
    if (objects.all.length > 1 && random.next() < 0.5) for (const name of NAMES) await look(name);
  }

  return {
    run: () => again(context, 40, turn),
    async check() {
      for (const name of NAMES) await look(name);
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${writer}/` }));
      const listed = Contents.map(({ Key, ETag }) => `${Key} ${unquoted(ETag)}`).join(', ');
      const [state = {}] = objects.all;
      const wanted = Object.entries(state).map(([name, etag]) => `${keyOf(name)} ${etag}`);
      if (listed !== wanted.sort().join(', ')) tell(`${writer}: the bucket lists ${listed}, not ${wanted.join(', ')}`);
    },
  };
}

const without = (objects: Objects, name: string): Objects =>
  Object.fromEntries(Object.entries(objects).filter(([key]) => key !== name));
