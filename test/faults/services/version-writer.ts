import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { type ListedVersion, problemsOfVersions, type WrittenVersion } from './kept-versions.ts';
import { again, type Load, type LoadContext } from './load.ts';
import { bodyOf, etagOf, unquoted } from './object-body.ts';
import { VERSIONED_BUCKET } from './stack.ts';

const NAMES = ['a', 'b'];
const SIZES = [200, 20_000];
/** Of the versions that are there at the end, so many of a key are read. */
const MOST_READ = 200;

/** Writes versions of its own keys, puts delete markers on them, and removes versions by id. */
export function versionWriter(context: LoadContext): Load {
  const { s3, caller, random, name: writer, tell } = context;
  const Bucket = VERSIONED_BUCKET;
  const written = new Map<string, WrittenVersion[]>(NAMES.map((name) => [`${writer}/${name}`, []]));
  const bodies = new Map<string, { version: number; bytes: number }>();
  let version = 0;

  async function put(Key: string, versions: WrittenVersion[]): Promise<void> {
    const bytes = SIZES[random.below(SIZES.length)] as number;
    const Body = bodyOf(writer, ++version, bytes);
    const etag = etagOf(Body);
    bodies.set(etag, { version, bytes });
    const outcome = await caller.attempt(() => s3.send(new PutObjectCommand({ Bucket, Key, Body })));
    const versionId = outcome.fate === 'acknowledged' ? outcome.answer.VersionId : undefined;
    versions.push({ etag, versionId });
  }

  async function hide(Key: string, versions: WrittenVersion[]): Promise<void> {
    const outcome = await caller.attempt(() => s3.send(new DeleteObjectCommand({ Bucket, Key })));
    const versionId = outcome.fate === 'acknowledged' ? outcome.answer.VersionId : undefined;
    versions.push({ etag: undefined, versionId });
  }

  async function remove(Key: string, versions: WrittenVersion[]): Promise<void> {
    const there = versions.filter(({ versionId, removal }) => versionId !== undefined && removal === undefined);
    const one = there[random.below(Math.max(1, there.length))];
    if (!one) return;
    const request = { Bucket, Key, VersionId: one.versionId };
    const outcome = await caller.attempt(() => s3.send(new DeleteObjectCommand(request)));
    one.removal = outcome.fate === 'acknowledged' ? 'acknowledged' : 'unknown';
  }

  async function turn(): Promise<void> {
    const [key, versions] = [...written][random.below(NAMES.length)] as [string, WrittenVersion[]];
    const kind = random.next();
    if (kind < 0.7) await put(key, versions);
    else if (kind < 0.8) await hide(key, versions);
    else await remove(key, versions);
  }

  async function list(Prefix: string): Promise<ListedVersion[]> {
    const found: { versionId: string; etag: string | undefined }[] = [];
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (;;) {
      const page: ListObjectVersionsCommandOutput = await s3.send(
        new ListObjectVersionsCommand({ Bucket, Prefix, ...markers }),
      );
      // The SDK gives objects and markers apart; their order among each other is that of their times, which may be equal.
      for (const { VersionId, ETag } of page.Versions ?? [])
        found.push({ versionId: VersionId!, etag: unquoted(ETag) });
      for (const { VersionId } of page.DeleteMarkers ?? []) found.push({ versionId: VersionId!, etag: undefined });
      if (!page.IsTruncated) return found.reverse();
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }

  async function read(Key: string, { versionId, etag }: ListedVersion): Promise<void> {
    if (etag === undefined) return;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId: versionId }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const wanted = bodies.get(etag);
    if (!wanted || !bodyOf(writer, wanted.version, wanted.bytes).equals(bytes))
      tell(`${Key}: the bytes of version ${versionId} are not those that were written`);
  }

  return {
    run: () => again(context, 60, turn),
    async check() {
      for (const [key, versions] of written) {
        const listed = await list(key);
        // Objects and delete markers are two lists of the answer: each is in order.
        for (const isMarker of [false, true]) {
          const ofKind = ({ etag }: { etag: string | undefined }) => (etag === undefined) === isMarker;
          for (const problem of problemsOfVersions(key, versions.filter(ofKind), listed.filter(ofKind))) tell(problem);
        }
        for (const one of listed.slice(-MOST_READ)) await read(key, one);
      }
    },
  };
}
