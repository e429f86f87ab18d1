import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type AwsError, notImplemented } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { OperationService, RestRequest, RestResponse } from '../service.ts';
import { authenticate, type PendingAuthentication } from './authenticate.ts';
import { type QueryService, XML_NAMESPACES } from './error-response.ts';
import type { Caller, Gateway } from './gateway.ts';
import { jsonContentType, readJsonInput, readTarget, writeJson } from './json-protocol.ts';
import { readBody, streamPayload } from './payload.ts';
import { OWN_FORM, readQueryRequest, writeQueryResponse } from './query-protocol.ts';
import { type Protocol, refusal } from './refusal.ts';
import { guardRequest } from './request-guard.ts';
import { sha256Hex } from './sigv4.ts';
import { sqsQueryForm } from './sqs-query-form.ts';

/** One request and what is known of it so far. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly protocol: Protocol;
  readonly requestId: string;
  /** Set when the request has been read that far: errors are shaped by it. */
  service: OperationService['name'] | undefined;
}

export interface AnswerContext {
  readonly region: string;
  readonly clock: Clock;
}

const MIB = 1024 * 1024;
/** DynamoDB takes the largest requests, 16 MB. */
const LARGEST_OPERATION_BYTES = 16 * MIB;
/** A 50 MB code archive in base64. */
const LARGEST_LAMBDA_BYTES = 72 * MIB;
/** A batch of SQS, 1 MiB, each of whose bytes may take three in a form. */
const LARGEST_QUERY_BYTES = 4 * MIB;
const LARGEST_FUNCTION_URL_BYTES = 6 * MIB;

/** Authenticates a request and has its service answer it. Throws AwsError. */
export async function answer(exchange: Exchange, gateway: Gateway, context: AnswerContext): Promise<RestResponse> {
  guardRequest(exchange.request);
  const pending = authenticate(exchange.request, exchange, exchange.protocol, {
    region: context.region,
    nowMs: context.clock.now(),
    findAccessKey: (accessKeyId) => gateway.findAccessKey(accessKeyId),
  });
  if (exchange.rawPath.startsWith('/_url/')) return answerFunctionUrl(exchange, pending, gateway);
  if (!pending) throw unsigned(exchange.protocol);

  switch (pending.service) {
    case 's3': {
      const { body, trailers } = streamPayload(exchange.request, pending);
      const caller = callerOf(exchange, pending);
      return gateway.handleRest('s3', restRequest(exchange, body, trailers), caller);
    }
    case 'lambda': {
      const body = await readVerified(exchange, pending, LARGEST_LAMBDA_BYTES);
      const caller = callerOf(exchange, pending);
      return gateway.handleRest('lambda', restRequest(exchange, Readable.from(body)), caller);
    }
    case 'iam':
    case 'sts':
      return answerQuery(exchange, pending, pending.service, gateway);
    case 'dynamodb':
    case 'states':
    case 'events':
    case 'kms':
    case 'sagemaker':
    case 'logs':
    case 'cloudtrail':
      return answerJson(exchange, pending, pending.service, gateway);
    case 'sqs':
    case 'monitoring':
      return exchange.protocol === 'query'
        ? answerQuery(exchange, pending, pending.service, gateway)
        : answerJson(exchange, pending, pending.service, gateway);
    default:
      throw notImplemented(`The service '${pending.service}'`);
  }
}

async function answerJson(
  exchange: Exchange,
  pending: PendingAuthentication,
  service: Exclude<OperationService['name'], 'iam' | 'sts'>,
  gateway: Gateway,
): Promise<RestResponse> {
  exchange.service = service;
  const body = await readVerified(exchange, pending, LARGEST_OPERATION_BYTES);
  const target = exchange.request.headers['x-amz-target'];
  if (typeof target !== 'string') {
    throw notImplemented(`A request to ${service} in another protocol than AWS JSON (without X-Amz-Target)`);
  }
  const named = readTarget(target);
  if (named.service !== service) {
    throw refusal('mismatch', 'json', `Credential should be scoped to correct service: '${named.service}'.`);
  }
  const output = await gateway.callOperation(
    service,
    named.operation,
    readJsonInput(body),
    callerOf(exchange, pending),
  );
  return { statusCode: 200, headers: { 'content-type': jsonContentType(service) }, body: writeJson(output) };
}

async function answerQuery(
  exchange: Exchange,
  pending: PendingAuthentication,
  service: QueryService,
  gateway: Gateway,
): Promise<RestResponse> {
  exchange.service = service;
  const body = await readVerified(exchange, pending, LARGEST_QUERY_BYTES);
  const { action, input } = readQueryRequest(exchange.request.method === 'GET' ? exchange.rawQuery : body.toString());
  const form = service === 'sqs' ? sqsQueryForm : OWN_FORM;
  const read = form.read(action, input, exchange.rawPath);
  const output = await gateway.callOperation(service, action, read, callerOf(exchange, pending));
  return {
    statusCode: 200,
    headers: { 'content-type': 'text/xml' },
    body: writeQueryResponse(action, XML_NAMESPACES[service], form.write(action, output), exchange.requestId),
  };
}

async function answerFunctionUrl(
  exchange: Exchange,
  pending: PendingAuthentication | undefined,
  gateway: Gateway,
): Promise<RestResponse> {
  if (pending && pending.service !== 'lambda') {
    throw refusal('mismatch', 'restJson', "Credential should be scoped to correct service: 'lambda'.");
  }
  const body = pending
    ? await readVerified(exchange, pending, LARGEST_FUNCTION_URL_BYTES)
    : await readBody(exchange.request, LARGEST_FUNCTION_URL_BYTES);
  return gateway.handleFunctionUrl(restRequest(exchange, Readable.from(body)), pending?.principal);
}

function callerOf({ request, requestId }: Exchange, { principal }: PendingAuthentication): Caller {
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
  return { principal, requestId, origin: { sourceIp, userAgent: request.headers['user-agent'] } };
}

/** The signature covers the hash of what was really received, whatever the request claims it to be. */
async function readVerified(exchange: Exchange, pending: PendingAuthentication, limitBytes: number): Promise<Buffer> {
  const body = await readBody(exchange.request, limitBytes);
  pending.verify(sha256Hex(body));
  return body;
}

function restRequest(
  { request, rawPath, query }: Exchange,
  body: Readable,
  trailers?: Readonly<Record<string, string>>,
): RestRequest {
  return {
    method: request.method ?? 'GET',
    rawPath,
    query,
    headers: request.headers,
    body,
    ...(trailers ? { trailers } : {}),
  };
}

const unsigned = (protocol: Protocol): AwsError =>
  refusal('missing', protocol, protocol === 's3' ? 'Access Denied' : 'Missing Authentication Token');
