import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestBucket } from './test-bucket.ts';
import {
  byBytes,
  EMPTY,
  list,
  type ModelBucket,
  type ModelVersion,
  md5,
  type Request,
  versionsOf,
} from './test-bucket-model.ts';
import { type Observed, possibleStates } from './test-linearization.ts';

const KEYS = ['a', 'dir/one', 'dir/two', 'dir/deep/é', 'z'];
/** Kept in a row, and kept in a file. */
const SIZES = [10, 40_000];

const key = fc.constantFrom(...KEYS);
const body = fc
  .tuple(fc.integer({ min: 0, max: 999 }), fc.constantFrom(...SIZES))
  .map(([number, size]) => `${number} `.padEnd(size, String(number)));
/** Which of a key's versions, counted from the newest; none is the latest one, whichever that is. */
const which = fc.option(fc.nat(2), { nil: undefined });
const condition = fc.constantFrom('none', 'absent', 'latest', 'stale');
const listing = { prefix: fc.constantFrom('', 'd', 'dir/', 'x'), delimiter: fc.constantFrom('', '/') };

/** What is to be asked; ids and ETags are looked up when it is. */
const plan = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('put' as const), key, body, condition }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('cut-put' as const),
      key,
      body,
      how: fc.constantFrom('gone' as const, 'short' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('get' as const),
      key,
      which,
      condition: fc.constantFrom('none', 'latest', 'stale'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('delete' as const), key, which }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('copy' as const), from: key, to: key, which }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constantFrom('part' as const, 'cut-part' as const), upload: fc.nat(2), body }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constantFrom('complete' as const, 'abort' as const), upload: fc.nat(2) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('list' as const), ...listing, maxKeys: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('versioning' as const),
      status: fc.constantFrom('Enabled' as const, 'Suspended' as const),
    }),
  },
);
type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never;

const round = fc.record({
  begins: fc.option(key, { nil: undefined, freq: 2 }),
  plans: fc.array(plan, { minLength: 1, maxLength: 4 }),
  /** After how many turns of the event loop the process is killed. */
  killedAfter: fc.option(fc.nat(12), { nil: undefined, freq: 3 }),
});

function requestOf(plan: Plan, state: ModelBucket): Request | undefined {
  switch (plan.op) {
    case 'put':
      return { ...plan, condition: conditionOf(plan.condition, versionsOf(state, plan.key)[0]) };
    case 'get':
      return {
        op: 'get',
        key: plan.key,
        versionId: versionId(state, plan.key, plan.which),
        condition: conditionOf(plan.condition, versionsOf(state, plan.key)[plan.which ?? 0]),
      };
    case 'delete':
      return { op: 'delete', key: plan.key, versionId: versionId(state, plan.key, plan.which) };
    case 'copy':
      return { op: 'copy', from: plan.from, to: plan.to, versionId: versionId(state, plan.from, plan.which) };
    case 'part':
    case 'cut-part': {
      const upload = state.uploads[plan.upload];
      return upload && { op: plan.op, uploadId: upload.id, key: upload.key, body: plan.body };
    }
    case 'complete':
    case 'abort': {
      const upload = state.uploads[plan.upload];
      if (!upload) return undefined;
      const target = { uploadId: upload.id, key: upload.key };
      return plan.op === 'abort'
        ? { op: 'abort', ...target }
        : { op: 'complete', ...target, partEtag: md5(upload.part ?? '') };
    }
    default:
      return plan;
  }
}

const versionId = (state: ModelBucket, name: string, at: number | undefined): string | undefined =>
  at === undefined ? undefined : versionsOf(state, name)[at]?.id;

function conditionOf(name: string, latest: ModelVersion | undefined): { ifMatch?: string; ifNoneMatch?: string } {
  if (name === 'absent') return { ifNoneMatch: '*' };
  if (name === 'latest') return { ifMatch: latest?.etag || md5('nothing') };
  return name === 'stale' ? { ifMatch: md5('something else') } : {};
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Runs requests at the same time, and kills the process among them if it is to be. */
async function runTogether(
  bucket: TestBucket,
  requests: readonly Request[],
  killedAfter: number | undefined,
  life: number,
): Promise<readonly Observed[]> {
  const answers = new Map<Request, string>();
  const underWay = requests.map((request) => bucket.answer(request).then((answer) => answers.set(request, answer)));
  if (killedAfter === undefined) await Promise.all(underWay);
  else {
    for (let turns = 0; turns < killedAfter; turns++) await turn();
    const observed = requests.map((request) => ({ request, answer: answers.get(request) }));
    await bucket.kill(life, underWay);
    return observed;
  }
  return requests.map((request) => ({ request, answer: answers.get(request) }));
}

/** All of a bucket as its listings and reads tell it, by pages of two. */
async function readAll(bucket: TestBucket, versioning: ModelBucket['versioning']): Promise<ModelBucket> {
  const versions = new Map<string, ModelVersion[]>();
  let markers = '';
  do {
    const text = await bucket.read(`/model-bucket?versions&max-keys=2${markers}`);
    for (const [, kind, entry = ''] of text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/g)) {
      const [name, id] = [member(entry, 'Key'), member(entry, 'VersionId')];
      const isObject = kind === 'Version';
      const kept = isObject
        ? await bucket.read(`/model-bucket/${encodeURIComponent(name)}?versionId=${id}`)
        : undefined;
      const etag = isObject ? member(entry, 'ETag').replaceAll('&quot;', '') : '';
      const version = { id, isNull: id === 'null', body: kept, etag };
      versions.set(name, [...(versions.get(name) ?? []), version]);
      expect(member(entry, 'IsLatest')).toBe(String(versions.get(name)?.length === 1));
      if (bucket.told.has(id)) expect(etag).toBe(bucket.told.get(id));
    }
    const [nextKey, nextId] = [member(text, 'NextKeyMarker'), member(text, 'NextVersionIdMarker')];
    markers = nextKey === '' ? '' : `&key-marker=${encodeURIComponent(nextKey)}&version-id-marker=${nextId}`;
  } while (markers !== '');

  const uploads = [];
  for (const [, entry = ''] of (await bucket.read('/model-bucket?uploads')).matchAll(/<Upload>(.*?)<\/Upload>/g)) {
    const [name, id] = [member(entry, 'Key'), member(entry, 'UploadId')];
    const parts = await bucket.read(`/model-bucket/${encodeURIComponent(name)}?uploadId=${id}`);
    uploads.push({ id, key: name, part: /<ETag>&quot;(.*?)&quot;/.exec(parts)?.[1] });
  }
  return { versioning, versions, uploads };
}

const member = (text: string, name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1] ?? '';

/** A state without the ids that a model cannot know, and with parts by their ETag. */
const essence = ({ versions, uploads }: ModelBucket, partIsEtag: boolean) =>
  JSON.stringify({
    versions: [...versions]
      .sort(([left], [right]) => byBytes(left, right))
      .map(([name, all]) => [name, all.map(({ isNull, etag, body: kept }) => [isNull, etag, kept && md5(kept)])]),
    uploads: [...uploads]
      .sort((left, right) => byBytes(left.id, right.id))
      .map(({ id, part }) => [id, partIsEtag || part === undefined ? part : md5(part)]),
  });

/** The model's state with the ids that the service gave. */
function withIds(state: ModelBucket, actual: ModelBucket): ModelBucket {
  const versions = new Map(
    [...state.versions].map(([name, all]) => [
      name,
      all.map((version, at) => ({ ...version, id: versionsOf(actual, name)[at]?.id })),
    ]),
  );
  return { ...state, versions };
}

/** Every page of every listing, by both APIs, against the model's. */
async function compareListings(bucket: TestBucket, state: ModelBucket, maxKeys: number): Promise<void> {
  for (const api of ['V1', 'V2'] as const) {
    for (const prefix of ['', 'dir/']) {
      for (const delimiter of ['', '/']) {
        const query = { prefix, delimiter, maxKeys };
        let token: string | undefined;
        let after: string | undefined = '';
        do {
          const wanted = list(state, query, after);
          const page = await bucket.list(query, token, api);
          const shown = `${page.page.join(' ')}${page.token === undefined ? '' : ' …'}`;
          expect(shown, `${api} ${JSON.stringify(query)} after ${after}`).toBe(wanted.page);
          [token, after] = [page.token, wanted.last];
        } while (token !== undefined);
      }
    }
  }
}

test('a bucket is what its model is, whatever runs at the same time, is cut off, or is killed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 4 }), runRounds),
    { numRuns: 100, endOnFailure: true },
  );
}, 120_000);

async function runRounds(rounds: readonly (typeof round extends fc.Arbitrary<infer R> ? R : never)[], maxKeys: number) {
  const bucket = new TestBucket();
  try {
    await bucket.create();
    let state = EMPTY;
    for (const [at, { begins, plans, killedAfter }] of rounds.entries()) {
      if (begins !== undefined && state.uploads.length < 3) {
        const upload = { id: await bucket.begin(begins), key: begins, part: undefined };
        state = { ...state, uploads: [...state.uploads, upload] };
      }
      const requests = plans.flatMap((planned) => requestOf(planned, state) ?? []);
      const observed = await runTogether(bucket, requests, killedAfter, at + 1);
      const actual = await readAll(bucket, undefined);
      const wanted = essence(actual, true);
      const possible = possibleStates(state, observed);
      const versioning = member(await bucket.read('/model-bucket?versioning'), 'Status') || undefined;
      const agrees = possible.find(
        (candidate) => candidate.versioning === versioning && essence(candidate, false) === wanted,
      );
      const story = { observed, actual: wanted, possible: possible.map((candidate) => essence(candidate, false)) };
      expect(agrees, JSON.stringify(story, shortened, 1)).toBeDefined();
      state = withIds(agrees as ModelBucket, actual);

      const { files, rows, named } = bucket.bodies();
      expect(rows.filter((name) => !named.includes(name))).toEqual([]);
      // Files go after their rows, in a moment; at a start all that nothing names has gone.
      if (killedAfter !== undefined) expect([...files, ...rows].sort()).toEqual(named);
      await compareListings(bucket, state, maxKeys);
    }
  } finally {
    bucket.dispose();
  }
}

const shortened = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && value.length > 2000 ? `${value.slice(0, 20)}… ${value.length}` : value;
