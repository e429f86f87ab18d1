import type { RestRequest, RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import type { ObjectStore } from './objects.ts';
import { type BucketRequest, takeOnly } from './request.ts';
import { readVerifiedDocument } from './request-document.ts';
import { readXml, writeXml, type XmlElement, type XmlNode } from './xml.ts';

/** One operation on a bucket that is there; `action` is the IAM action without `s3:`. */
export interface BucketOperation {
  readonly name: string;
  readonly action: string;
  readonly headers?: readonly string[];
  run(store: ObjectStore, request: BucketRequest): Promise<RestResponse>;
}

/** Runs an operation that is about nothing but its sub-resource. */
export async function runBucketOperation(
  operation: BucketOperation,
  subResource: string | undefined,
  store: ObjectStore,
  request: BucketRequest,
): Promise<RestResponse> {
  takeOnly(operation.name, request, subResource === undefined ? [] : [subResource], operation.headers ?? []);
  requireAccess({ call: request.call, action: operation.action, bucket: request.bucket });
  return operation.run(store, request);
}

export const MAX_DOCUMENT_BYTES = 64 * 1024;

export const XML = { 'content-type': 'application/xml' };

/** An answer that is a document. */
export const xml = (root: string, children: readonly XmlElement[]): RestResponse => ({
  statusCode: 200,
  headers: XML,
  body: writeXml(root, children),
});

/** The request's document, which must have this root. */
export const document = async (rest: RestRequest, root: string): Promise<XmlNode> =>
  readXml((await readVerifiedDocument(rest, MAX_DOCUMENT_BYTES)).toString(), root);
