import { AwsError } from '../aws-error.ts';
import { invalidArgument } from './s3-error.ts';
import { childrenOf, malformedXml, textOf, writeXml, type XmlElement, type XmlNode } from './xml.ts';

export type Tags = Readonly<Record<string, string>>;

const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
export const MOST_OBJECT_TAGS = 10;
export const MOST_BUCKET_TAGS = 50;

/** From a `Tagging` document. */
export function readTagSet(root: XmlNode, most: number): Tags {
  const [set] = childrenOf(root, 'TagSet');
  if (set === undefined) throw malformedXml();
  return tagsOf(
    childrenOf(set, 'Tag').map((tag) => {
      const [key, value] = [textOf(tag, 'Key'), textOf(tag, 'Value')];
      if (key === undefined || value === undefined) throw malformedXml();
      return [key, value];
    }),
    most,
  );
}

const TAGGING_HEADER = 'x-amz-tagging';

/** From the header `x-amz-tagging`: `a=1&b=2`. */
export function readTaggingHeader(text: string): Tags {
  const pairs = [...new URLSearchParams(text)];
  const names = new Set(pairs.map(([name]) => name));
  if (names.size < pairs.length || names.has('')) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      TAGGING_HEADER,
      text,
    );
  }
  return tagsOf(pairs, MOST_OBJECT_TAGS);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
function tagsOf(pairs: readonly (readonly [key: string, value: string])[], most: number): Tags {
  if (pairs.length > most) {
    throw new AwsError('BadRequest', `Object tags cannot be greater than ${most}`, 400);
  }
  for (const [key, value] of pairs) {
    if (key === '' || !ALLOWED.test(key)) throw invalidTag('The TagKey you have provided is invalid', key);
    if (!ALLOWED.test(value)) throw invalidTag('The TagValue you have provided is invalid', key);
    if (key.toLowerCase().startsWith('aws:')) {
      throw invalidTag('System tags cannot be added/updated by requester', key);
    }
    if (key.length > LONGEST_KEY) {
      throw invalidTag(`The TagKey you have provided is too long, max allowed is ${LONGEST_KEY}`, key);
    }
    if (value.length > LONGEST_VALUE) {
      throw invalidTag(`The TagValue you have provided is too long, max allowed is ${LONGEST_VALUE}`, key);
    }
  }
  const tags = new Map(pairs);
  if (tags.size < pairs.length) throw invalidTag('Cannot provide multiple Tags with the same key', pairs[0]?.[0] ?? '');
  return Object.fromEntries(tags);
}

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const invalidTag = (message: string, key: string): AwsError =>
  new AwsError('InvalidTag', message, 400, { TagKey: key });

export const writeTagging = (tags: Tags): string =>
  writeXml('Tagging', [
    [
      'TagSet',
      Object.entries(tags).map(
        ([key, value]): XmlElement => [
          'Tag',
          [
            ['Key', key],
            ['Value', value],
          ],
        ],
      ),
    ],
  ]);

/** The condition keys that the tags of a request give. */
export const tagContext = (tags: Tags): Record<string, string | readonly string[]> => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`s3:RequestObjectTag/${key}`, value])),
  ...(Object.keys(tags).length > 0 ? { 's3:RequestObjectTagKeys': Object.keys(tags) } : {}),
});
