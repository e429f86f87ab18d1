import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestRuntime, type TestRuntime } from './test-runtime.ts';

const MIB = 1024 * 1024;

let runtime: TestRuntime;
beforeEach(async () => {
  runtime = await startTestRuntime();
});
afterEach(() => runtime.dispose());

/** Writes all of it before it reads anything, as a simple client does, and says what it read then. */
async function writeThenRead(pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket: Socket = connect({ port: runtime.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.pause();
  for (const piece of pieces) {
    await new Promise<void>((resolve, reject) => socket.write(piece, (error) => (error ? reject(error) : resolve())));
    await new Promise((turn) => setImmediate(turn));
  }
  socket.end();
  let text = '';
  for await (const read of socket) text += String(read);
  return text;
}

const MIBS = Array.from({ length: 24 }, () => Buffer.alloc(MIB, 'x'));
const head = (...lines: string[]) => [...lines, 'Host: 127.0.0.1', '', ''].join('\r\n');

test('a client that goes on sending the body of a request that was refused still reads why, also when the connection ends with it', async () => {
  const answer = await writeThenRead([
    head('PUT /bucket/key HTTP/1.1', 'Connection: close', `Content-Length: ${24 * MIB}`),
    ...MIBS,
  ]);
  expect(answer).toMatch(/^HTTP\/1\.1 403 .*<Code>AccessDenied<\/Code>/s);
});

test('a client that sends on after bytes that are no HTTP still reads why', async () => {
  const answer = await writeThenRead(['this is no HTTP\r\n\r\n', ...MIBS]);
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request.*<Code>BadRequest<\/Code>/s);
});

test('a request whose body is longer than it says is answered before its connection is closed', async () => {
  const answer = await writeThenRead([head('GET / HTTP/1.1'), ...MIBS]);
  expect(answer).toMatch(/^HTTP\/1\.1 (403|400) .*<\/Error>/s);
});
