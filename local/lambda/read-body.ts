import { AwsError } from '../aws-error.ts';
import type { RestRequest } from '../service.ts';
import { MOST_SYNC_BYTES } from './invoker.ts';

/** The whole payload. Throws RequestTooLargeException (413) over 6 MB. */
export async function readBody({ body }: RestRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += (chunk as Buffer).length;
    if (length > MOST_SYNC_BYTES) throw tooLarge(MOST_SYNC_BYTES);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

export const tooLarge = (most: number): AwsError =>
  new AwsError(
    'RequestTooLargeException',
    `Request must be smaller than ${most} bytes for the InvokeFunction operation`,
    413,
    { Type: 'User' },
  );
