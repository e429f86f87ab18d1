import { createHash } from 'node:crypto';

/** For tests: what a bucket is, in memory and without any of the code that it is compared with. States are never changed, only replaced. */
export interface ModelVersion {
  /** Undefined until the service has told it. */
  readonly id: string | undefined;
  readonly isNull: boolean;
  /** Undefined for a delete marker. */
  readonly body: string | undefined;
  readonly etag: string;
}

export interface ModelUpload {
  readonly id: string;
  readonly key: string;
  readonly part: string | undefined;
}

export interface ModelBucket {
  readonly versioning: 'Enabled' | 'Suspended' | undefined;
  /** By key: the newest first. No key without a version. */
  readonly versions: ReadonlyMap<string, readonly ModelVersion[]>;
  readonly uploads: readonly ModelUpload[];
}

export const EMPTY: ModelBucket = { versioning: undefined, versions: new Map(), uploads: [] };

/** What is asked of the service, with the ids and ETags that it told. */
export type Request =
  | { readonly op: 'put'; readonly key: string; readonly body: string; readonly condition: Condition }
  /** The client goes away in the middle of the body, or sends less than it said. */
  | { readonly op: 'cut-put'; readonly key: string; readonly body: string; readonly how: 'gone' | 'short' }
  | { readonly op: 'get'; readonly key: string; readonly versionId: string | undefined; readonly condition: Condition }
  | { readonly op: 'delete'; readonly key: string; readonly versionId: string | undefined }
  | { readonly op: 'copy'; readonly from: string; readonly versionId: string | undefined; readonly to: string }
  | { readonly op: 'part'; readonly uploadId: string; readonly key: string; readonly body: string }
  | { readonly op: 'cut-part'; readonly uploadId: string; readonly key: string; readonly body: string }
  | { readonly op: 'complete'; readonly uploadId: string; readonly key: string; readonly partEtag: string }
  | { readonly op: 'abort'; readonly uploadId: string; readonly key: string }
  | { readonly op: 'list'; readonly prefix: string; readonly delimiter: string; readonly maxKeys: number }
  | { readonly op: 'versioning'; readonly status: 'Enabled' | 'Suspended' };

export interface Condition {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

/** What the service answered, as text: only what a model can know. */
export type Answer = string;

export const CUT = 'cut';

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const etagOfParts = (part: string): string =>
  `${createHash('md5')
    .update(Buffer.from(md5(part), 'hex'))
    .digest('hex')}-1`;

/** One step of a request that nothing can come between. `carried` is what a step before it took along. */
export type Step = (state: ModelBucket, carried: string | undefined) => StepResult;
export interface StepResult {
  readonly state: ModelBucket;
  /** Undefined: the request goes on. */
  readonly answer: Answer | undefined;
  readonly carried?: string;
}

const told = (state: ModelBucket, answer: Answer): StepResult => ({ state, answer });

/** The steps of a request in their order. A copy reads first and writes later: AWS promises no more. */
export function stepsOf(request: Request): readonly Step[] {
  switch (request.op) {
    case 'put':
      return [
        (state) => {
          const refused = judgeWrite(latestOf(state, request.key), request.condition);
          if (refused) return told(state, refused);
          return told(push(state, request.key, request.body, md5(request.body)), `put ${md5(request.body)}`);
        },
      ];
    case 'cut-put':
    case 'cut-part':
      return [(state) => told(state, CUT)];
    case 'get':
      return [(state) => told(state, get(state, request))];
    case 'delete':
      return [(state) => remove(state, request.key, request.versionId)];
    case 'copy':
      return [
        (state) => readSource(state, request),
        (state, carried) => writeCopy(state, request.to, carried as string),
      ];
    case 'part':
      return [
        (state) => {
          const { uploadId, body } = request;
          if (!state.uploads.some(({ id }) => id === uploadId)) return told(state, 'NoSuchUpload');
          const uploads = state.uploads.map((upload) => (upload.id === uploadId ? { ...upload, part: body } : upload));
          return told({ ...state, uploads }, `part ${md5(body)}`);
        },
      ];
    case 'complete':
      return [
        (state) => {
          const upload = state.uploads.find(({ id }) => id === request.uploadId);
          if (!upload) return told(state, 'NoSuchUpload');
          if (upload.part === undefined || md5(upload.part) !== request.partEtag) return told(state, 'InvalidPart');
          const etag = etagOfParts(upload.part);
          const uploads = state.uploads.filter((other) => other !== upload);
          return told(push({ ...state, uploads }, upload.key, upload.part, etag), `completed ${etag}`);
        },
      ];
    case 'abort':
      return [
        (state) => {
          const uploads = state.uploads.filter(({ id }) => id !== request.uploadId);
          return uploads.length === state.uploads.length
            ? told(state, 'NoSuchUpload')
            : told({ ...state, uploads }, 'aborted');
        },
      ];
    case 'list':
      return [(state) => told(state, list(state, request).page)];
    case 'versioning':
      return [(state) => told({ ...state, versioning: request.status }, 'set')];
  }
}

export const versionsOf = (state: ModelBucket, key: string): readonly ModelVersion[] => state.versions.get(key) ?? [];
const latestOf = (state: ModelBucket, key: string): ModelVersion | undefined => versionsOf(state, key)[0];

function judgeWrite(latest: ModelVersion | undefined, { ifMatch, ifNoneMatch }: Condition): Answer | undefined {
  if (ifNoneMatch === '*' && latest?.body !== undefined) return 'PreconditionFailed';
  if (ifMatch === undefined) return undefined;
  if (latest?.body === undefined) return 'NoSuchKey';
  return latest.etag === ifMatch ? undefined : 'PreconditionFailed';
}

function withVersions(state: ModelBucket, key: string, versions: readonly ModelVersion[]): ModelBucket {
  const all = new Map(state.versions);
  if (versions.length === 0) all.delete(key);
  else all.set(key, versions);
  return { ...state, versions: all };
}

/** A version on top; where no versions are kept it takes the place of the one that is called null. */
function push(state: ModelBucket, key: string, body: string | undefined, etag: string): ModelBucket {
  const isNull = state.versioning !== 'Enabled';
  const older = versionsOf(state, key).filter((version) => !(isNull && version.isNull));
  return withVersions(state, key, [{ id: isNull ? 'null' : undefined, isNull, body, etag }, ...older]);
}

function remove(state: ModelBucket, key: string, versionId: string | undefined): StepResult {
  if (versionId === undefined && state.versioning !== undefined) {
    return told(push(state, key, undefined, ''), 'deleted, marker');
  }
  const versions = versionsOf(state, key);
  const target = versions.find(({ id }) => id === (versionId ?? 'null'));
  if (!target) return told(state, 'deleted');
  const left = versions.filter((version) => version !== target);
  return told(withVersions(state, key, left), target.body === undefined ? 'deleted, marker' : 'deleted');
}

function get(state: ModelBucket, { key, versionId, condition }: Request & { op: 'get' }): Answer {
  const found =
    versionId === undefined ? latestOf(state, key) : versionsOf(state, key).find(({ id }) => id === versionId);
  if (!found) return versionId === undefined ? 'NoSuchKey' : 'NoSuchVersion';
  if (found.body === undefined) return versionId === undefined ? 'NoSuchKey' : 'MethodNotAllowed';
  if (condition.ifMatch !== undefined && condition.ifMatch !== found.etag) return 'PreconditionFailed';
  if (condition.ifNoneMatch !== undefined && condition.ifNoneMatch === found.etag) return 'not modified';
  return `got ${found.etag} ${md5(found.body)}`;
}

function readSource(state: ModelBucket, { from, versionId, to }: Request & { op: 'copy' }): StepResult {
  const found =
    versionId === undefined ? latestOf(state, from) : versionsOf(state, from).find(({ id }) => id === versionId);
  if (!found) return told(state, versionId === undefined ? 'NoSuchKey' : 'NoSuchVersion');
  if (found.body === undefined) return told(state, versionId === undefined ? 'NoSuchKey' : 'InvalidRequest');
  if (from === to && found === latestOf(state, from)) return told(state, 'InvalidRequest');
  return { state, answer: undefined, carried: found.body };
}

const writeCopy = (state: ModelBucket, to: string, body: string): StepResult =>
  told(push(state, to, body, md5(body)), `copied ${md5(body)}`);

/** One page, and where the next one begins: behind the last name. */
export function list(
  state: ModelBucket,
  { prefix, delimiter, maxKeys }: { prefix: string; delimiter: string; maxKeys: number },
  after = '',
): { page: Answer; last: string | undefined } {
  const keys = [...state.versions].filter(([, [latest]]) => latest?.body !== undefined).map(([key]) => key);
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? key : key.slice(0, at + delimiter.length);
    });
  const later = [...new Set(names)].sort(byBytes).filter((name) => byBytes(name, after) > 0);
  const page = later.slice(0, maxKeys);
  const truncated = page.length < later.length;
  return { page: `${page.join(' ')}${truncated ? ' …' : ''}`, last: truncated ? page.at(-1) : undefined };
}

export const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));
