import { choice, integer, list, required, structure, text } from './input.ts';

/** Members that several operations have, with the limits of the API's model. https://docs.aws.amazon.com/step-functions/latest/apireference/ */
export const arn = text({ least: 1, most: 256 });
export const longArn = text({ least: 1, most: 2000 });
export const name = text({ least: 1, most: 80 });
export const description = text({ most: 256, sensitive: true });
export const definition = text({ least: 1, most: 1_048_576, sensitive: true });
export const payload = text({ most: 262_144, sensitive: true });
export const errorName = text({ most: 256, sensitive: true });
export const cause = text({ most: 32_768, sensitive: true });
export const includedData = choice(['ALL_DATA', 'METADATA_ONLY']);
export const machineType = choice(['STANDARD', 'EXPRESS']);
export const traceHeader = text({
  most: 256,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what the API asks for.
  pattern: { written: '\\p{ASCII}*', matches: /^[\x00-\x7f]*$/ },
});
export const pageMembers = { maxResults: integer(0, 1000), nextToken: text({ least: 1, most: 1024 }) };

export const tags = list(
  structure('Tag', { key: required(text({ least: 1, most: 128 })), value: required(text({ most: 256 })) }),
);

export const encryptionConfiguration = structure('EncryptionConfiguration', {
  type: required(choice(['AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KMS_KEY'])),
  kmsKeyId: text({ least: 1, most: 2048 }),
  kmsDataKeyReusePeriodSeconds: integer(60, 900),
});

/** How many a page has: 100 where nothing, or 0, is asked for. */
export const pageSize = (maxResults: number | undefined): number => maxResults || 100;
