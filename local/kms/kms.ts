import { parseArn } from '../arn.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type { AccountContext, Call, JsonObject, OperationService } from '../service.ts';
import { type EncryptionContext, keyArnOf } from './ciphertext.ts';
import { encryptionOperations } from './encryption.ts';
import { keyOperations } from './key-operations.ts';
import { contextConditionKeys, permittedKey, requireUsable } from './key-use.ts';
import { Keys } from './keys.ts';
import { kmsResources } from './resources.ts';
import { signingOperations } from './signing.ts';

export interface Kms {
  readonly service: OperationService;
  readonly resources: readonly ResourceHandler[];
  /** Judges a service's use of a key in its caller's name. Throws as the operation would. */
  requireKeyUse(call: Call, keyArn: string, operation: string, encryptionContext: EncryptionContext): void;
}

/** KMS of one account. https://docs.aws.amazon.com/kms/latest/APIReference/ */
export function createKms(ctx: AccountContext): Kms {
  const keys = new Keys(ctx);
  return {
    service: {
      name: 'kms',
      operations: { ...keyOperations(ctx, keys), ...signingOperations(keys), ...encryptionOperations(keys) },
      addressedAccount,
    },
    resources: kmsResources(ctx, keys),
    requireKeyUse(call, keyArn, operation, encryptionContext) {
      const ofKey = { ...call, accountId: ctx.accountId };
      const key = permittedKey(keys, operation, keyArn, ofKey, contextConditionKeys(encryptionContext));
      if (operation !== 'DescribeKey') requireUsable(key, 'ENCRYPT_DECRYPT', operation);
    },
  };
}

/** A key's ARN says whose it is, and Decrypt finds the ARN in the ciphertext when no KeyId is given. */
function addressedAccount(_operation: string, input: JsonObject): string | undefined {
  const { KeyId: keyId, CiphertextBlob: ciphertext } = input;
  if (typeof keyId === 'string') return parseArn(keyId)?.accountId;
  if (ciphertext === undefined) return undefined;
  const arn = keyArnOf(ciphertext instanceof Uint8Array ? ciphertext : Buffer.from(String(ciphertext), 'base64'));
  return arn === undefined ? undefined : parseArn(arn)?.accountId;
}
