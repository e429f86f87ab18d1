import type { Duplex } from 'node:stream';

/** Longer than a client on this machine takes to write what it had begun, short enough to hold up no stop. */
const LINGER_MS = 2000;

const lingering = new WeakSet<Duplex>();

export const isLingering = (socket: Duplex): boolean => lingering.has(socket);

/**
 * Ends a connection whose client may still be sending: what it sends is read and dropped, for two seconds at most. A socket that is closed with
 * unread bytes is reset, and a reset takes the answer with it that the client has not read yet (RFC 9112, section 9.6).
 */
export function closeLingering(socket: Duplex, lastWords?: string): void {
  if (lingering.has(socket)) return;
  lingering.add(socket);
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(lastWords);
  socket.resume();
}
