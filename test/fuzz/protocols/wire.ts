import { connect } from 'node:net';

/** What came back, read as HTTP says, or the fact that nothing did. */
export interface WireAnswer {
  /** 0: the connection was closed without an answer. */
  readonly statusCode: number;
  /** By lower-case name; the last one of a name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly ended: 'answered' | 'closed' | 'timed-out' | 'cut';
}

export interface WireRequest {
  /** Written in this order, each when the one before it has left. */
  readonly pieces: readonly Buffer[];
  /** Whether this side says, when all is written, that no more will come. */
  readonly halfClose: boolean;
}

const NOTHING: Pick<WireAnswer, 'statusCode' | 'headers' | 'body'> = {
  statusCode: 0,
  headers: {},
  body: Buffer.alloc(0),
};

/** Sends bytes as they are, on a connection of their own, and reads one answer. */
export function exchange(port: number, request: WireRequest, withinMs: number): Promise<WireAnswer> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let timer: NodeJS.Timeout;
    const finish = (answer: WireAnswer) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      resolve(answer);
    };
    const take = (closed: boolean) => {
      const answer = readAnswer(Buffer.concat(received), closed);
      if (answer) finish(answer);
      else if (closed) finish({ ...NOTHING, ended: hasBegun(Buffer.concat(received)) ? 'cut' : 'closed' });
    };
    timer = setTimeout(() => finish({ ...NOTHING, ended: 'timed-out' }), withinMs);
    socket.on('data', (piece) => {
      received.push(piece);
      take(false);
    });
    socket.on('end', () => take(true));
    // A server may refuse a request before it has read all of it: what it said has come first.
    socket.on('error', () => take(true));
    socket.on('connect', async () => {
      socket.setNoDelay(true);
      for (const piece of request.pieces) {
        if (socket.destroyed) return;
        await new Promise<void>((sent) => socket.write(piece, () => sent()));
        // Two writes in one turn would be one segment.
        if (request.pieces.length > 1) await new Promise((turn) => setImmediate(turn));
      }
      if (request.halfClose && !socket.destroyed) socket.end();
    });
  });
}

/** `100 Continue` is none. */
const hasBegun = (bytes: Buffer): boolean =>
  bytes.toString('latin1').replaceAll(/^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)+/g, '') !== '';

/** Undefined while it is not whole. */
function readAnswer(bytes: Buffer, closed: boolean): WireAnswer | undefined {
  const at = bytes.indexOf('\r\n\r\n');
  if (at < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, at).toString('latin1').split('\r\n');
  const statusCode = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const rest = bytes.subarray(at + 4);
  if (statusCode >= 100 && statusCode < 200) return readAnswer(rest, closed);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = readBody(rest, headers, closed);
  return body && { statusCode, headers, body, ended: 'answered' };
}

function readBody(rest: Buffer, headers: Readonly<Record<string, string>>, closed: boolean): Buffer | undefined {
  if (headers['transfer-encoding'] === 'chunked') return unchunked(rest);
  const length = headers['content-length'];
  // Of HEAD and 304 there is none, whatever the length says: then the connection's end is the answer's.
  if (length === undefined || closed) return closed ? rest : undefined;
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}

function unchunked(bytes: Buffer): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16);
    if (size === 0) return Buffer.concat(pieces);
    if (bytes.length < end + 2 + size + 2) return undefined;
    pieces.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
