import { AwsError } from '../aws-error.ts';
import type { RestRequest } from '../service.ts';
import { claimedChecksum, createHasher, verifyClaim, verifyContentMd5 } from './checksum.ts';
import { invalidRequest } from './s3-error.ts';

/** The whole of a small document. Throws MaxMessageLengthExceeded. */
export async function readDocument(request: RestRequest, limitBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request.body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > limitBytes) {
      throw new AwsError('MaxMessageLengthExceeded', 'Your request was too big.', 400, {
        MaxMessageLengthBytes: limitBytes,
      });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** As `readDocument`; what the request's headers or trailers claim of the document is verified. */
export async function readVerifiedDocument(request: RestRequest, limitBytes: number): Promise<Buffer> {
  const claim = claimedChecksum(request.headers);
  const document = await readDocument(request, limitBytes);
  const digest = (algorithm: Parameters<typeof createHasher>[0]): Buffer => {
    const hasher = createHasher(algorithm);
    hasher.update(document);
    return hasher.digest();
  };
  verifyContentMd5(request.headers, digest('MD5'));
  if (claim) verifyClaim(claim, digest(claim.algorithm).toString('base64'), request.trailers);
  return document;
}

/** As `readVerifiedDocument`, for the operations that must be sent with something that proves their document whole. */
export function readProvenDocument(request: RestRequest, limitBytes: number): Promise<Buffer> {
  if (request.headers['content-md5'] === undefined && claimedChecksum(request.headers) === undefined) {
    throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
  return readVerifiedDocument(request, limitBytes);
}
