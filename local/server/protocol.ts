import type { IncomingMessage } from 'node:http';
import type { Protocol } from './refusal.ts';

const PROTOCOL_OF_SERVICE: ReadonlyMap<string, Protocol> = new Map([
  ['s3', 's3'],
  ['lambda', 'restJson'],
  ['sts', 'query'],
  ['iam', 'query'],
  ['dynamodb', 'json'],
  ['states', 'json'],
  ['events', 'json'],
  ['kms', 'json'],
  ['sagemaker', 'json'],
  ['logs', 'json'],
  ['cloudtrail', 'json'],
]);

/** The SDK speaks JSON to them, older clients the query protocol (Debian 12's AWS CLI among them). */
const SPEAK_BOTH: ReadonlySet<string> = new Set(['sqs', 'monitoring']);

/**
 * The protocol to answer in, known before the request is understood: the service of the credential scope says it, and
 * where there is none the form of the request does.
 */
export function protocolOf(request: IncomingMessage, rawPath: string, query: URLSearchParams): Protocol {
  const credential =
    /Credential=([^,\s]*)/.exec(request.headers.authorization ?? '')?.[1] ?? query.get('X-Amz-Credential') ?? '';
  const service = credential.split('/')[3] ?? '';
  const byService = PROTOCOL_OF_SERVICE.get(service);
  if (byService) return byService;
  if (request.headers['x-amz-target'] !== undefined) return 'json';
  if (SPEAK_BOTH.has(service)) return 'query';
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return 'query';
  if (/^\/(_url|20\d\d-\d\d-\d\d)\//.test(rawPath)) return 'restJson';
  return 's3';
}
