import type { ServiceNotes } from '../service-notes.ts';

export const kmsNotes: ServiceNotes = {
  service: 'kms',
  title: 'KMS',
  typePrefixes: ['AWS::KMS::'],
  does: [
    'Key specs `SYMMETRIC_DEFAULT` (AES-256-GCM, with encryption context) and `ECC_NIST_P256` (`ECDSA_SHA_256`, `RAW` and `DIGEST`).',
    'Deleting a stack leaves its keys pending deletion.',
  ],
  withoutEffect: [
    {
      type: 'AWS::KMS::Key',
      properties: ['EnableKeyRotation'],
      as: 'shown',
      why: 'the key material is not rotated; nothing would see a difference',
    },
    { type: 'AWS::KMS::Key', properties: ['Tags'], as: 'kept' },
    { type: 'AWS::KMS::Key', properties: ['RotationPeriodInDays', 'BypassPolicyLockoutSafetyCheck'], as: 'dropped' },
  ],
  refusedOperations: [
    'CreateKey',
    'ScheduleKeyDeletion',
    'CreateAlias',
    'PutKeyPolicy',
    'CreateGrant',
    'ReEncrypt',
    'GenerateMac',
    'GenerateDataKeyPair',
  ],
  refused: [
    'Making, changing and deleting keys and aliases by the API: they come from templates.',
    'Grants, `GrantTokens`, `DryRun`, multi-Region keys, imported material, other key specs.',
  ],
  differs: ['Ciphertexts have a form of their own: AWS cannot decrypt them, nor the runtime those of AWS.'],
};
