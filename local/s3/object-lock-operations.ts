import { AwsError } from '../aws-error.ts';
import type { RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import { assertRetentionGivesWay, BYPASS_HEADER, readBypass } from './object-lock.ts';
import type { ObjectStore } from './objects.ts';
import { type ObjectRequest, takeOnly } from './request.ts';
import { readProvenDocument } from './request-document.ts';
import { isRetentionMode, type Retention, readRetainUntil } from './retention.ts';
import { invalidRequest } from './s3-error.ts';
import { changeVersion, findObject } from './stored-object.ts';
import { malformedXml, readXml, textOf, writeXml, type XmlElement } from './xml.ts';

const MAX_DOCUMENT_BYTES = 4096;

function assertLockable({ bucket }: ObjectRequest): void {
  if (!bucket.settings.objectLock) throw invalidRequest('Bucket is missing Object Lock Configuration');
}

const noLock = (): AwsError =>
  new AwsError('NoSuchObjectLockConfiguration', 'The specified object does not have a ObjectLock configuration', 404);

const document = (root: string, children: readonly XmlElement[]): RestResponse => ({
  statusCode: 200,
  headers: { 'content-type': 'application/xml' },
  body: writeXml(root, children),
});

/** GetObjectRetention */
export async function getRetention(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { call, bucket, key } = request;
  takeOnly('GetObjectRetention', request, ['retention', 'versionId'], []);
  requireAccess({ call, action: 'GetObjectRetention', bucket, key });
  assertLockable(request);
  const { retention } = findObject(store, request).content;
  if (!retention) throw noLock();
  return document('Retention', [
    ['Mode', retention.mode],
    ['RetainUntilDate', new Date(retention.untilMs).toISOString()],
  ]);
}

/** PutObjectRetention: longer and stricter always; shorter, laxer or none with the permission to pass over governance. */
export async function putRetention(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('PutObjectRetention', request, ['retention', 'versionId'], [BYPASS_HEADER]);
  requireAccess({ call, action: 'PutObjectRetention', bucket, key });
  assertLockable(request);
  const bypass = readBypass(rest, bucket);
  const text = (await readProvenDocument(rest, MAX_DOCUMENT_BYTES)).toString();
  const wanted = readRetention(text, store.ctx.clock.now());
  await changeVersion(store, request, (current, content) => {
    const nowMs = store.ctx.clock.now();
    assertRetentionGivesWay({ call, bucket: current, key, content, bypass }, wanted, nowMs);
    return { ...content, retention: wanted };
  });
  return { statusCode: 200 };
}

/** An empty document takes the retention away. */
function readRetention(text: string, nowMs: number): Retention | undefined {
  const root = readXml(text, 'Retention');
  const [mode, until] = [textOf(root, 'Mode'), textOf(root, 'RetainUntilDate')];
  if (mode === undefined && until === undefined) return undefined;
  if (!isRetentionMode(mode) || until === undefined) throw malformedXml();
  return { mode, untilMs: readRetainUntil(until, 'RetainUntilDate', nowMs) };
}

/** GetObjectLegalHold */
export async function getLegalHold(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { call, bucket, key } = request;
  takeOnly('GetObjectLegalHold', request, ['legal-hold', 'versionId'], []);
  requireAccess({ call, action: 'GetObjectLegalHold', bucket, key });
  assertLockable(request);
  const { legalHold } = findObject(store, request).content;
  if (legalHold === undefined) throw noLock();
  return document('LegalHold', [['Status', legalHold ? 'ON' : 'OFF']]);
}

/** PutObjectLegalHold: on and off as who may put it likes, whatever the retention. */
export async function putLegalHold(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('PutObjectLegalHold', request, ['legal-hold', 'versionId'], []);
  requireAccess({ call, action: 'PutObjectLegalHold', bucket, key });
  assertLockable(request);
  const text = (await readProvenDocument(rest, MAX_DOCUMENT_BYTES)).toString();
  const status = textOf(readXml(text, 'LegalHold'), 'Status');
  if (status !== 'ON' && status !== 'OFF') throw malformedXml();
  await changeVersion(store, request, (_bucket, content) => ({ ...content, legalHold: status === 'ON' }));
  return { statusCode: 200 };
}
