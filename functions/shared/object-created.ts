import * as v from 'valibot';
import { contentId, type Sha256 } from '../../domain/content-id.ts';
import { InputInvalid } from '../../domain/errors.ts';
import { describeIssues } from './attempt.ts';
import type { BusEvent } from './define-consumer.ts';

/**
 * The detail of S3's "Object Created" on EventBridge. The key is plain there; in S3's own notifications it would be form-encoded.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
const objectCreated = v.object({
  bucket: v.object({ name: v.string() }),
  object: v.object({ key: v.string(), 'version-id': v.optional(v.string(), '') }),
});

/** The object that an event is about. Throws InputInvalid. */
export function objectOf({ detail, time }: BusEvent): { key: string; versionId: string; at: string } {
  const parsed = v.safeParse(objectCreated, detail);
  if (!parsed.success) throw new InputInvalid(`this is no "Object Created" of S3: ${describeIssues(parsed.issues)}`);
  const { key, 'version-id': versionId } = parsed.output.object;
  return { key, versionId, at: new Date(time).toISOString() };
}

/** One object version is one event, even where S3 tells it twice with two ids. */
export const objectIdentity =
  (sha256: Sha256) =>
  (event: BusEvent): string => {
    const parsed = v.safeParse(objectCreated, event.detail);
    if (!parsed.success) return event.id;
    const { bucket, object } = parsed.output;
    return contentId(sha256, 'object', { bucket: bucket.name, key: object.key, versionId: object['version-id'] });
  };
