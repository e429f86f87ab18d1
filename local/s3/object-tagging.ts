import type { RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import { versionHeaders } from './object-headers.ts';
import type { ObjectStore } from './objects.ts';
import { type ObjectRequest, readVersionId, takeOnly } from './request.ts';
import { readProvenDocument } from './request-document.ts';
import { changeVersion, findObject } from './stored-object.ts';
import { MOST_OBJECT_TAGS, readTagSet, type Tags, tagContext, writeTagging } from './tags.ts';
import { readXml } from './xml.ts';

const MAX_DOCUMENT_BYTES = 64 * 1024;

/** The IAM action of a verb on the tags of an object, or of one of its versions. */
const actionOf = (verb: 'Get' | 'Put' | 'Delete', { rest }: ObjectRequest): string =>
  `${verb}Object${rest.query.has('versionId') ? 'Version' : ''}Tagging`;

const versionContext = ({ rest }: ObjectRequest): Record<string, string> => {
  const versionId = readVersionId(rest.query);
  return versionId === undefined ? {} : { 's3:VersionId': versionId };
};

/** GetObjectTagging */
export async function getTagging(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { call, bucket, key } = request;
  takeOnly('GetObjectTagging', request, ['tagging', 'versionId'], []);
  requireAccess({ call, action: actionOf('Get', request), bucket, key, context: versionContext(request) });
  const version = findObject(store, request);
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/xml', ...versionHeaders(bucket, version) },
    body: writeTagging(version.content.tags ?? {}),
  };
}

/** PutObjectTagging: these tags and no others. */
export async function putTagging(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { call, bucket, key } = request;
  takeOnly('PutObjectTagging', request, ['tagging', 'versionId'], []);
  const action = actionOf('Put', request);
  // Policies may ask for the tags; what is wrong with them is told to those only who may put some.
  const given = await settled(readTags(request));
  const tags = given.status === 'fulfilled' ? given.value : {};
  requireAccess({ call, action, bucket, key, context: { ...versionContext(request), ...tagContext(tags) } });
  if (given.status === 'rejected') throw given.reason;
  return changeTags(store, request, tags, 'Object Tags Added');
}

const settled = async <T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> =>
  (await Promise.allSettled([promise]))[0];

async function readTags({ rest }: ObjectRequest): Promise<Tags> {
  const document = await readProvenDocument(rest, MAX_DOCUMENT_BYTES);
  return readTagSet(readXml(document.toString(), 'Tagging'), MOST_OBJECT_TAGS);
}

/** DeleteObjectTagging */
export async function deleteTagging(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { call, bucket, key } = request;
  takeOnly('DeleteObjectTagging', request, ['tagging', 'versionId'], []);
  requireAccess({ call, action: actionOf('Delete', request), bucket, key, context: versionContext(request) });
  return { ...(await changeTags(store, request, {}, 'Object Tags Deleted')), statusCode: 204 };
}

async function changeTags(
  store: ObjectStore,
  request: ObjectRequest,
  tags: Tags,
  event: 'Object Tags Added' | 'Object Tags Deleted',
): Promise<RestResponse> {
  const version = await changeVersion(
    store,
    request,
    (_bucket, content) => ({ ...content, tags }),
    (bucket, changed) => store.events.tagged(bucket, changed, event, request.call),
  );
  return { statusCode: 200, headers: versionHeaders(request.bucket, version) };
}
