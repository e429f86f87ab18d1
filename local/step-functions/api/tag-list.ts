import { AwsError } from '../../aws-error.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_TAGS = 50;

export const readStoredTags = (text: string): Tag[] => JSON.parse(text) as Tag[];

/** `given` over what was there; of two with one key the later. */
export function mergeTags(current: readonly Tag[], given: readonly Tag[]): Tag[] {
  const tags = new Map(current.map((tag) => [tag.key, tag]));
  for (const { key, value } of given) tags.set(key, { key, value });
  return [...tags.values()];
}

/** Throws TooManyTags. */
export function checkTagCount(tags: readonly Tag[], resourceArn: string): void {
  if (tags.length <= MOST_TAGS) return;
  throw new AwsError('TooManyTags', `A resource can have at most ${MOST_TAGS} tags, not ${tags.length}.`, 400, {
    resourceName: resourceArn,
  });
}
