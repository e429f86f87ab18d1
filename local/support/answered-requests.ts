import { appendFileSync } from 'node:fs';
import type { OperationService, RestRequest, RestService } from '../service.ts';
import { LAMBDA_OPERATIONS, type RestOperation, S3_OPERATIONS } from './rest-operations.ts';

export interface OperationRequest {
  readonly service: OperationService['name'];
  readonly operation: string;
}

export interface RestServiceRequest extends Pick<RestRequest, 'method' | 'rawPath' | 'query' | 'headers'> {
  readonly service: RestService['name'];
}

/** A request on the wire that was answered without an error. */
export type AnsweredRequest = (OperationRequest | RestServiceRequest) & { readonly userAgent: string | undefined };

/** Who sent it: an AWS SDK, the AWS CLI, or a test that wrote and signed the request itself. */
export type Client = 'SDK' | 'AWS CLI' | 'by hand';

export interface TestedOperation {
  readonly service: string;
  readonly operation: string;
  readonly client: Client;
}

export function clientOf(userAgent = ''): Client {
  if (userAgent.startsWith('aws-cli/')) return 'AWS CLI';
  return userAgent.startsWith('aws-sdk-') ? 'SDK' : 'by hand';
}

/** The operation of a REST service that a request asks for, by the list that the support page is made from. */
export function restOperationOf(request: RestServiceRequest): string | undefined {
  const { service } = request;
  const operations = service === 's3' ? S3_OPERATIONS : LAMBDA_OPERATIONS;
  const named = operations.filter((operation) => isRequestFor(operation, request));
  // The one that says most of the request: `PUT /bucket/key?tagging` is a PutObjectTagging, and only then a PutObject.
  const weight = ({ request: text, headers = {} }: RestOperation) =>
    [...queryOf(text)].length + Object.keys(headers).length;
  return named.toSorted((a, b) => weight(b) - weight(a))[0]?.name;
}

const queryOf = (text: string): URLSearchParams => new URLSearchParams(text.split('?')[1] ?? '');

function isRequestFor(
  { request: text, headers: wanted = {} }: RestOperation,
  { service, method, rawPath, query, headers }: RestServiceRequest,
): boolean {
  const [sampleMethod, target = ''] = text.split(' ');
  if (sampleMethod !== method) return false;
  const path = target.split('?')[0] as string;
  if (service === 's3' ? depth(path) !== depth(rawPath) : !samePath(path, rawPath)) return false;
  return [...queryOf(text).keys()].every((key) => query.has(key)) && Object.keys(wanted).every((name) => headers[name]);
}

/** 0 for the service, 1 for a bucket, 2 for an object. */
const depth = (path: string): number => {
  const [bucket, ...key] = path.slice(1).split('/');
  if (!bucket) return 0;
  return key.join('/') === '' ? 1 : 2;
};

/** In the list a segment of one letter stands for a name. */
const samePath = (sample: string, path: string): boolean => {
  const segments = sample.replace(/\/$/, '').split('/');
  const given = path.replace(/\/$/, '').split('/');
  return segments.length === given.length && segments.every((one, at) => one.length === 1 || one === given[at]);
};

/** Adds an answered request to the file that `SLUICE_RECORD_OPERATIONS` names, where it names one (`npm run tested-operations`). */
export function recordAnswered(request: AnsweredRequest): void {
  const file = process.env.SLUICE_RECORD_OPERATIONS;
  if (file === undefined) return;
  const operation = 'operation' in request ? request.operation : restOperationOf(request);
  if (operation === undefined) return;
  const tested: TestedOperation = { service: request.service, operation, client: clientOf(request.userAgent) };
  const line = JSON.stringify(tested);
  if (recorded.has(line)) return;
  recorded.add(line);
  appendFileSync(file, `${line}\n`);
}

const recorded = new Set<string>();
