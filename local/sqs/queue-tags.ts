import { AwsError } from '../aws-error.ts';

/** Tags as the API has them: `{key: value}`. Throws InvalidParameterValueException. */
export function readTagMap(tags: unknown): Readonly<Record<string, string>> {
  if (tags === undefined) return {};
  const entries = typeof tags === 'object' && tags !== null ? Object.entries(tags) : [];
  for (const [key, value] of entries) {
    if (!/^.{1,128}$/s.test(key) || typeof value !== 'string' || value.length > 256) {
      throw new AwsError('InvalidParameterValueException', `The tag ${key} is not valid.`);
    }
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Tags as templates have them: `[{Key, Value}]`. */
export const tagMapOfList = (tags: unknown): Readonly<Record<string, string>> =>
  readTagMap(
    Object.fromEntries(
      ((tags as { Key: string; Value: string }[] | undefined) ?? []).map(({ Key, Value }) => [Key, Value]),
    ),
  );
