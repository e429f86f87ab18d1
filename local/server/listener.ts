import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { Log, RestResponse } from '../service.ts';
import { storageFailure } from '../store/storage-failure.ts';
import { answer, type Exchange } from './answer.ts';
import { answerBrokenRequests } from './broken-request.ts';
import { errorResponse, INTERNAL_FAILURE_CODE } from './error-response.ts';
import type { Gateway } from './gateway.ts';
import { closeLingering } from './lingering-close.ts';
import { protocolOf } from './protocol.ts';

export interface ListenerOptions {
  readonly port: number;
  readonly region: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** How long a request may take to come in whole; five minutes when it is not given. */
  readonly requestTimeoutMs?: number | undefined;
}

export interface Listener {
  readonly port: number;
  /** Takes no new requests; resolves when those under way are answered, or after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** The loopback address only: nothing of this is meant for a network. */
const ADDRESS = '127.0.0.1';

const REQUEST_TIMEOUT_MS = 300_000;
const HEADERS_TIMEOUT_MS = 60_000;

/** Listens for AWS requests. Port 0 takes a free one. Rejects with EADDRINUSE in words when the port is taken. */
export async function listen(gateway: Gateway, options: ListenerOptions): Promise<Listener> {
  const requestTimeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const timeouts = {
    requestTimeout,
    headersTimeout: Math.min(requestTimeout, HEADERS_TIMEOUT_MS),
    connectionsCheckingInterval: Math.min(requestTimeout, 30_000),
  };
  const server = createServer({ keepAliveTimeout: 65_000, ...timeouts }, (request, response) => {
    void serve(request, response, gateway, options, () => !server.listening);
  });
  answerBrokenRequests(server, options.ids);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${options.port} on ${ADDRESS} is in use. Stop what listens there or choose another port.`)
          : error,
      ),
    );
    server.listen(options.port, ADDRESS, resolve);
  });
  return { port: (server.address() as AddressInfo).port, stop: (graceMs) => stop(server, graceMs) };
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  gateway: Gateway,
  options: ListenerOptions,
  isStopping: () => boolean,
): Promise<void> {
  const exchange = beginExchange(request, options);
  let result: RestResponse;
  try {
    result = await answer(exchange, gateway, options);
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    result = refuse(error, exchange, gateway, options.log);
    dropBody(request);
  }
  // A connection that is kept for a next request would hold up the stop.
  if (isStopping()) response.setHeader('connection', 'close');
  try {
    await send(result, exchange, response);
  } catch (error) {
    // The answer had begun, so there is no way left to say that it failed but to break it off.
    options.log('warn', 'An answer could not be sent whole', { requestId: exchange.requestId, error: String(error) });
    response.destroy();
  }
}

/** What is left of the body is let in and dropped: a client that is still sending does not look for an answer. */
function dropBody(request: IncomingMessage): void {
  request.resume();
  // Where the connection ends with this request, Node would close it when the answer is written.
  if (!request.complete) request.socket.destroySoon = () => closeLingering(request.socket);
}

function beginExchange(request: IncomingMessage, options: ListenerOptions): Exchange {
  const target = request.url ?? '/';
  const at = target.indexOf('?');
  const rawPath = at < 0 ? target : target.slice(0, at);
  const rawQuery = at < 0 ? '' : target.slice(at + 1);
  const query = new URLSearchParams(rawQuery);
  return {
    request,
    rawPath,
    rawQuery,
    query,
    protocol: protocolOf(request, rawPath, query),
    requestId: options.ids.uuid(),
    service: undefined,
  };
}

function refuse(error: unknown, exchange: Exchange, gateway: Gateway, log: Log): RestResponse {
  const { protocol, requestId, service, request } = exchange;
  let answered: AwsError;
  if (error instanceof AwsError) {
    answered = error;
    if (error.code.startsWith('AccessDenied')) log('warn', error.message, { requestId });
  } else {
    log('error', 'A request failed unexpectedly', {
      requestId,
      method: request.method,
      path: exchange.rawPath,
      error: error instanceof Error ? error.stack : String(error),
    });
    const problem = storageFailure(error);
    const reason =
      problem === undefined
        ? 'The request processing has failed because of an unknown error, exception or failure'
        : `The local runtime could not do this with the folder in which it keeps its state: ${problem}`;
    answered = new AwsError(
      INTERNAL_FAILURE_CODE[protocol],
      `${reason}. The local runtime's log has it under ${requestId}.`,
      500,
    );
  }
  const wantsQueryCode = protocol === 'query' || request.headers['x-amzn-query-mode'] === 'true';
  return errorResponse(answered, {
    protocol,
    service,
    requestId,
    queryErrorCode: wantsQueryCode && service ? gateway.queryErrorCode(service, answered.code) : undefined,
  });
}

async function send(result: RestResponse, exchange: Exchange, response: ServerResponse): Promise<void> {
  response.statusCode = result.statusCode;
  response.setHeader(exchange.protocol === 's3' ? 'x-amz-request-id' : 'x-amzn-requestid', exchange.requestId);
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, value);
  const { body } = result;
  if (exchange.request.method === 'HEAD') {
    if (body instanceof Readable) body.destroy();
    response.end();
  } else if (body instanceof Readable) {
    await pipeline(body, response);
  } else {
    if (body !== undefined) response.setHeader('content-length', Buffer.byteLength(body));
    response.end(body);
  }
}
