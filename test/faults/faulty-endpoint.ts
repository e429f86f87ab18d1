import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A call that a function makes to a service of AWS's JSON protocols. The SDK's own retries of it are the same call. */
export interface ServiceCall {
  /** `TransactWriteItems`, `PutEvents`, `SendTaskSuccess` … */
  readonly operation: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * What becomes of a call: `pass`; `refuse`, it never reaches the service; `lose-answer`, the service does it and the connection breaks before
 * its answer; `half`, of PutEvents: the service takes every second entry, and says so.
 */
export type Fate = 'pass' | 'refuse' | 'lose-answer' | 'half';

export interface FaultyEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FaultyEndpointOptions {
  readonly target: string;
  /** Asked once a call. What it waits for holds the call up. */
  readonly decide: (call: ServiceCall) => Fate | Promise<Fate>;
  /** Signs a body that was changed on the way, as somebody of the same account: the function's signature is over another one. */
  readonly resign: (call: ServiceCall, url: URL, body: string) => Promise<Readonly<Record<string, string>>>;
}

/** Stands between functions and the runtime's endpoint, and breaks what it is told to break. */
export async function startFaultyEndpoint({ target, decide, resign }: FaultyEndpointOptions): Promise<FaultyEndpoint> {
  const fates = new Map<string, Promise<Fate>>();

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const call: ServiceCall = {
      operation: String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '',
      body: await text(incoming),
      headers: incoming.headers,
    };
    const id = String(incoming.headers['amz-sdk-invocation-id']);
    const known = fates.get(id) ?? Promise.resolve(decide(call));
    fates.set(id, known);
    switch (await known) {
      case 'pass':
        return send(outgoing, await forward(target, call.headers, call.body));
      case 'refuse':
        return send(outgoing, {
          status: 503,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: JSON.stringify({ __type: 'ServiceUnavailable', message: 'a fault of this test' }),
        });
      case 'lose-answer':
        await forward(target, call.headers, call.body);
        outgoing.destroy();
        return;
      case 'half':
        return send(outgoing, await takeHalf(target, call, resign));
    }
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _chunked, 'content-length': _length, connection: _connection, ...kept } = headers;
  outgoing.writeHead(status, { ...kept, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}

/** The Host header stays what was signed. */
const forward = (target: string, headers: IncomingHttpHeaders, body: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request(target, { method: 'POST', path: '/', headers }, (incoming) => {
      text(incoming).then(
        (answered) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: answered }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const REFUSED = { ErrorCode: 'ThrottlingException', ErrorMessage: 'a fault of this test' };

async function takeHalf(target: string, call: ServiceCall, resign: FaultyEndpointOptions['resign']): Promise<Answer> {
  const { Entries } = JSON.parse(call.body) as { Entries: object[] };
  const isTaken = (index: number) => index % 2 === 1;
  const taken = Entries.filter((_, index) => isTaken(index));
  const body = JSON.stringify({ Entries: taken });
  const answers: object[] = [];
  if (taken.length > 0) {
    const answer = await forward(target, await resign(call, new URL(target), body), body);
    if (answer.status !== 200) return answer;
    answers.push(...(JSON.parse(answer.body) as { Entries: object[] }).Entries);
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({
      FailedEntryCount: Entries.length - taken.length,
      Entries: Entries.map((_, index) => (isTaken(index) ? answers.shift() : REFUSED)),
    }),
  };
}
