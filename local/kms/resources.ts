import { AwsError, notImplemented } from '../aws-error.ts';
import type { ResourceHandler, ResourceRequest } from '../deploy/resource.ts';
import { readPolicyDocument } from '../iam/policy-document.ts';
import type { AccountContext, JsonObject } from '../service.ts';
import type { KeySettings, KeySpec, Keys, KeyUsage, KmsKey } from './keys.ts';

const USAGE_OF_SPEC: Readonly<Record<KeySpec, KeyUsage>> = {
  SYMMETRIC_DEFAULT: 'ENCRYPT_DECRYPT',
  ECC_NIST_P256: 'SIGN_VERIFY',
};

export const kmsResources = (ctx: AccountContext, keys: Keys): readonly ResourceHandler[] => [
  keyResource(ctx, keys),
  aliasResource(keys),
];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html */
function keyResource(ctx: AccountContext, keys: Keys): ResourceHandler {
  return {
    type: 'AWS::KMS::Key',
    properties: [
      'BypassPolicyLockoutSafetyCheck',
      'Description',
      'Enabled',
      // Kept and shown; the material is not rotated, since nothing would see a difference.
      'EnableKeyRotation',
      'RotationPeriodInDays',
      'KeyPolicy',
      'KeySpec',
      'KeyUsage',
      'MultiRegion',
      'PendingWindowInDays',
      'Tags',
    ],
    put: async (request) => {
      const spec = keySpec(request);
      const settings = keySettings(ctx, request);
      const existing = request.previous && keys.find(request.previous.physicalId);
      if (existing && existing.spec !== spec) {
        throw new AwsError(
          'ValidationException',
          `${request.logicalId}: the KeySpec of a key cannot be changed from ${existing.spec} to ${spec}, because what it encrypted or signed would be lost. Give the new key another logical id.`,
        );
      }
      return deployed(
        existing ? keys.update(existing.keyId, settings) : keys.create(spec, USAGE_OF_SPEC[spec], settings),
      );
    },
    delete: async (physicalId) => keys.scheduleDeletion(physicalId),
  };
}

const deployed = (key: KmsKey) => ({ physicalId: key.keyId, attributes: { Arn: key.arn, KeyId: key.keyId } });

function keySpec({ properties, logicalId }: ResourceRequest): KeySpec {
  const spec = properties.KeySpec ?? 'SYMMETRIC_DEFAULT';
  if (spec !== 'SYMMETRIC_DEFAULT' && spec !== 'ECC_NIST_P256')
    throw notImplemented(`KeySpec ${String(spec)} (${logicalId})`);
  const usage = properties.KeyUsage ?? USAGE_OF_SPEC.SYMMETRIC_DEFAULT;
  if (usage !== USAGE_OF_SPEC[spec]) {
    throw new AwsError(
      'ValidationException',
      `${logicalId}: a key of KeySpec ${spec} needs KeyUsage ${USAGE_OF_SPEC[spec]}, not ${String(usage)}.`,
    );
  }
  if (isTrue(properties.MultiRegion)) throw notImplemented(`MultiRegion (${logicalId})`);
  return spec;
}

function keySettings(ctx: AccountContext, { properties, logicalId }: ResourceRequest): KeySettings {
  const policy = properties.KeyPolicy ?? {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ctx.accountId}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  };
  return {
    description: String(properties.Description ?? ''),
    enabled: properties.Enabled === undefined || isTrue(properties.Enabled),
    policy: readPolicyDocument(policy, `AWS::KMS::Key ${logicalId}`),
    rotationEnabled: isTrue(properties.EnableKeyRotation),
    pendingWindowDays: Number(properties.PendingWindowInDays ?? 30),
    tags: (properties.Tags as JsonObject[] | undefined) ?? [],
  };
}

/** Templates give booleans as text too. */
const isTrue = (value: unknown): boolean => value === true || value === 'true';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-alias.html */
function aliasResource(keys: Keys): ResourceHandler {
  return {
    type: 'AWS::KMS::Alias',
    properties: ['AliasName', 'TargetKeyId'],
    put: async ({ properties, logicalId }) => {
      const name = String(properties.AliasName ?? '');
      if (!/^alias\/[\w/-]{1,250}$/.test(name) || name.startsWith('alias/aws/')) {
        throw new AwsError(
          'InvalidAliasNameException',
          `${logicalId}: AliasName must be alias/NAME (letters, digits, / _ -) and not alias/aws/…; it is '${name}'.`,
        );
      }
      const key = keys.require(String(properties.TargetKeyId ?? ''));
      keys.putAlias(name, key.keyId);
      return { physicalId: name, attributes: {} };
    },
    delete: async (physicalId) => keys.deleteAlias(physicalId),
  };
}
