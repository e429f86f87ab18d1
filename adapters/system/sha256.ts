import { createHash } from 'node:crypto';
import type { Sha256 } from '../../domain/content-id.ts';

export const sha256: Sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** SHA-256 and length of a stream, in constant memory. */
export async function sha256OfStream(stream: AsyncIterable<Uint8Array>): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { sha256: hash.digest('hex'), bytes };
}
