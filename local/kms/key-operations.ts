import { formatArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { optionalText, takeOnly } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';
import { permittedKey, requiredKeyId } from './key-use.ts';
import type { Keys, KmsKey } from './keys.ts';

/** Looking at keys and aliases. They are made from templates only. */
export function keyOperations(ctx: AccountContext, keys: Keys): Operations {
  const mayList = (action: string, call: Call) =>
    authorize({ call, action: `kms:${action}`, resourceArn: '*', resourcePolicy: ownAccount(ctx) });

  return {
    DescribeKey(input, call) {
      takeOnly('DescribeKey', input, ['KeyId']);
      return { KeyMetadata: metadata(ctx, permittedKey(keys, 'DescribeKey', requiredKeyId(input), call)) };
    },

    GetKeyPolicy(input, call) {
      takeOnly('GetKeyPolicy', input, ['KeyId', 'PolicyName']);
      if ((optionalText(input, 'PolicyName') ?? 'default') !== 'default') {
        throw new AwsError('NotFoundException', 'No such policy exists');
      }
      const key = permittedKey(keys, 'GetKeyPolicy', requiredKeyId(input), call);
      return { Policy: JSON.stringify(key.policy, null, 2), PolicyName: 'default' };
    },

    GetKeyRotationStatus(input, call) {
      takeOnly('GetKeyRotationStatus', input, ['KeyId']);
      const key = permittedKey(keys, 'GetKeyRotationStatus', requiredKeyId(input), call);
      return { KeyId: key.arn, KeyRotationEnabled: key.rotationEnabled };
    },

    ListKeys(input, call) {
      takeOnly('ListKeys', input, []);
      mayList('ListKeys', call);
      return { Keys: keys.list().map((key) => ({ KeyId: key.keyId, KeyArn: key.arn })), Truncated: false };
    },

    ListAliases(input, call) {
      takeOnly('ListAliases', input, ['KeyId']);
      mayList('ListAliases', call);
      const keyId = optionalText(input, 'KeyId');
      const wanted = keyId === undefined ? undefined : keys.require(keyId).keyId;
      const aliases = keys.aliases().filter((alias) => wanted === undefined || alias.keyId === wanted);
      return {
        Aliases: aliases.map((alias) => ({
          AliasName: alias.name,
          AliasArn: formatArn('kms', ctx.region, ctx.accountId, alias.name),
          TargetKeyId: alias.keyId,
        })),
        Truncated: false,
      };
    },
  };
}

/** Listing is about no key, so no key's policy speaks: the account's identity policies decide. */
const ownAccount = (ctx: AccountContext) =>
  ({
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ctx.accountId}:root` },
      Action: 'kms:List*',
      Resource: '*',
    },
  }) as const;

function metadata(ctx: AccountContext, key: KmsKey): JsonObject {
  const isSymmetric = key.spec === 'SYMMETRIC_DEFAULT';
  return {
    AWSAccountId: ctx.accountId,
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: new Date(key.createdAtMs),
    Enabled: key.enabled && key.deletionAtMs === undefined,
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.deletionAtMs !== undefined ? 'PendingDeletion' : key.enabled ? 'Enabled' : 'Disabled',
    ...(key.deletionAtMs === undefined ? {} : { DeletionDate: new Date(key.deletionAtMs) }),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...(isSymmetric ? { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] } : { SigningAlgorithms: ['ECDSA_SHA_256'] }),
    MultiRegion: false,
  };
}
