import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { ContextValues } from '../iam/request-context.ts';
import { requiredText } from '../operation-input.ts';
import type { Call, JsonObject } from '../service.ts';
import type { EncryptionContext } from './ciphertext.ts';
import type { Keys, KeyUsage, KmsKey } from './keys.ts';

/** The key that a request names, once its policy has let the caller use it so. Throws NotFoundException, AccessDeniedException. */
export function permittedKey(
  keys: Keys,
  operation: string,
  keyId: string,
  call: Call,
  context: Readonly<Record<string, string | readonly string[]>> = {},
): KmsKey {
  const key = keys.require(keyId);
  authorize({
    call,
    action: `kms:${operation}`,
    resourceArn: key.arn,
    resourcePolicy: key.policy,
    context: { ...keyContext(keys, key, keyId), 'kms:CallerAccount': call.principal.accountId, ...context },
  });
  return key;
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
function keyContext(keys: Keys, key: KmsKey, keyId: string): ContextValues {
  const name = keyId.startsWith('arn:') ? keyId.slice(keyId.lastIndexOf(':') + 1) : keyId;
  const aliases = keys.aliases().filter((alias) => alias.keyId === key.keyId);
  return {
    'kms:KeySpec': key.spec,
    'kms:KeyUsage': key.usage,
    'kms:ResourceAliases': aliases.map((alias) => alias.name),
    ...(name.startsWith('alias/') ? { 'kms:RequestAlias': name } : {}),
  };
}

/** Throws when the key is disabled, about to be deleted, or made for something else. */
export function requireUsable(key: KmsKey, usage: KeyUsage, operation: string): void {
  if (key.deletionAtMs !== undefined) throw new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  if (key.usage !== usage) {
    throw new AwsError(
      'InvalidKeyUsageException',
      `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`,
    );
  }
}

export const requiredKeyId = (input: JsonObject): string => requiredText(input, 'KeyId');

export function readEncryptionContext(input: JsonObject): EncryptionContext {
  const context = input.EncryptionContext ?? {};
  const entries = typeof context === 'object' && context !== null ? Object.entries(context) : [];
  if (typeof context !== 'object' || entries.some(([, value]) => typeof value !== 'string')) {
    throw new AwsError('SerializationException', 'EncryptionContext must be a map of strings.');
  }
  return Object.fromEntries(entries) as EncryptionContext;
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
export function contextConditionKeys(context: EncryptionContext): Record<string, string | readonly string[]> {
  const names = Object.keys(context);
  return {
    ...Object.fromEntries(names.map((name) => [`kms:EncryptionContext:${name}`, context[name] as string])),
    ...(names.length > 0 ? { 'kms:EncryptionContextKeys': names } : {}),
  };
}
