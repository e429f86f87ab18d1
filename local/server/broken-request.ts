import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Ids } from '../ids.ts';
import { closeLingering, isLingering } from './lingering-close.ts';
import { element } from './xml.ts';

interface Refusal {
  readonly statusCode: number;
  readonly reason: string;
  readonly code: string;
  readonly message: string;
}

/** By the code of Node's error. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    statusCode: 431,
    reason: 'Request Header Fields Too Large',
    code: 'RequestHeaderSectionTooLarge',
    message: 'Your request header section exceeds the maximum allowed size.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    statusCode: 413,
    reason: 'Payload Too Large',
    code: 'BadRequest',
    message: 'The extensions of a chunk exceed the maximum allowed size.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    statusCode: 400,
    reason: 'Bad Request',
    code: 'RequestTimeout',
    message:
      'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  },
};

const UNREADABLE: Refusal = {
  statusCode: 400,
  reason: 'Bad Request',
  code: 'BadRequest',
  message: 'An error occurred when parsing the HTTP request.',
};

const NO_TUNNEL: Refusal = {
  statusCode: 405,
  reason: 'Method Not Allowed',
  code: 'MethodNotAllowed',
  message: 'The specified method is not allowed against this resource.',
};

const NO_EXPECTATION: Refusal = {
  statusCode: 417,
  reason: 'Expectation Failed',
  code: 'ExpectationFailed',
  message: 'Only Expect: 100-continue is understood.',
};

/**
 * Answers what cannot be read as far as its service, in S3's form, as the front end of AWS does; Node by itself would answer without a
 * body, which clients report as an unknown error.
 */
export function answerBrokenRequests(server: Server, ids: Ids): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // What still comes on a connection that is being closed is as broken as before.
    if (isLingering(socket)) return;
    // Nobody is there any more to read an answer.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    // An answer has begun on it: that of the request before the broken one, which is not to be lost.
    if (bytesWritten(socket) > 0) return closeLingering(socket);
    refuse(socket, REFUSALS[error.code ?? ''] ?? UNREADABLE, ids);
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => refuse(socket, NO_TUNNEL, ids));
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const body = bodyOf(NO_EXPECTATION, ids);
    response.writeHead(NO_EXPECTATION.statusCode, { 'content-type': 'application/xml', connection: 'close' }).end(body);
  });
}

const bytesWritten = (socket: Duplex & { readonly bytesWritten?: number }): number => socket.bytesWritten ?? 0;

function bodyOf({ code, message }: Refusal, ids: Ids): string {
  const requestId = ids.uuid();
  const fields = { Code: code, Message: message, RequestId: requestId, HostId: requestId };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', fields)}`;
}

function refuse(socket: Duplex, refusal: Refusal, ids: Ids): void {
  const body = bodyOf(refusal, ids);
  const headers = `content-type: application/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n`;
  closeLingering(socket, `HTTP/1.1 ${refusal.statusCode} ${refusal.reason}\r\n${headers}\r\n${body}`);
}
