import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

let runtime: TestRuntime;
let cli: AwsCli;
let sdk: KMSClient;
let folder: string;
let keyId: string;
let signingKeyId: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-kms-'));
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  sdk = new KMSClient(runtime.client(DEV));
  const KeyPolicy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${DEV}:root` }, Action: 'kms:*', Resource: '*' }],
  };
  keyId = (await runtime.put(DEV, 'AWS::KMS::Key', { KeyPolicy, EnableKeyRotation: true }, 'Encryption')).physicalId;
  const signing = { KeyPolicy, KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
  signingKeyId = (await runtime.put(DEV, 'AWS::KMS::Key', signing, 'Signing')).physicalId;
  await runtime.put(DEV, 'AWS::KMS::Alias', { AliasName: 'alias/data', TargetKeyId: keyId }, 'Alias');
});
afterAll(async () => {
  sdk.destroy();
  await runtime.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const kms = (...words: string[]) => cli.json('kms', ...words);
const file = (name: string, bytes: string | Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return `fileb://${path}`;
};

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 60_000 }, () => {
  it.skipIf(awscliMissing)('encrypts and decrypts, in the same context only', async () => {
    const { CiphertextBlob } = (await kms(
      ...['encrypt', '--key-id', 'alias/data', '--plaintext', file('plain', 'a secret')],
      ...['--encryption-context', 'model=loan'],
    )) as { CiphertextBlob: string };
    const blob = ['--ciphertext-blob', file('blob', Buffer.from(CiphertextBlob, 'base64'))];
    const { Plaintext } = await kms('decrypt', ...blob, '--encryption-context', 'model=loan');
    expect(Buffer.from(String(Plaintext), 'base64').toString()).toBe('a secret');
    await expect(kms('decrypt', ...blob, '--encryption-context', 'model=other')).rejects.toThrow(
      '(InvalidCiphertextException)',
    );
    const { Plaintext: bySdk } = await sdk.send(
      new DecryptCommand({
        CiphertextBlob: Buffer.from(CiphertextBlob, 'base64'),
        EncryptionContext: { model: 'loan' },
      }),
    );
    expect(Buffer.from(bySdk ?? []).toString()).toBe('a secret');
  });

  it.skipIf(awscliMissing)('makes data keys, the second without showing it', async () => {
    const key = (await kms('generate-data-key', '--key-id', keyId, '--key-spec', 'AES_256')) as Record<string, string>;
    const opened = await kms(
      'decrypt',
      '--ciphertext-blob',
      file('data-key', Buffer.from(key.CiphertextBlob ?? '', 'base64')),
    );
    expect(opened.Plaintext).toBe(key.Plaintext);
    expect(Buffer.from(key.Plaintext ?? '', 'base64')).toHaveLength(32);
    const hidden = await kms('generate-data-key-without-plaintext', '--key-id', keyId, '--key-spec', 'AES_128');
    expect(Object.keys(hidden).sort()).toEqual(['CiphertextBlob', 'KeyId']);
  });

  it.skipIf(awscliMissing)('signs what anybody can verify with the public key', async () => {
    const message = 'the evidence';
    const signing = [
      '--key-id',
      signingKeyId,
      '--signing-algorithm',
      'ECDSA_SHA_256',
      '--message',
      file('message', message),
    ];
    const { Signature } = (await kms('sign', ...signing)) as { Signature: string };
    const { PublicKey } = (await kms('get-public-key', '--key-id', signingKeyId)) as { PublicKey: string };
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey, 'base64'), format: 'der', type: 'spki' });
    expect(verify('sha256', Buffer.from(message), publicKey, Buffer.from(Signature, 'base64'))).toBe(true);

    const signature = ['--signature', file('signature', Buffer.from(Signature, 'base64'))];
    expect(await kms('verify', ...signing, ...signature)).toMatchObject({ SignatureValid: true });
    const digest = file('digest', createHash('sha256').update(`${message}!`).digest());
    const other = ['--key-id', signingKeyId, '--signing-algorithm', 'ECDSA_SHA_256', '--message', digest];
    await expect(kms('verify', ...other, '--message-type', 'DIGEST', ...signature)).rejects.toThrow(
      '(KMSInvalidSignatureException)',
    );
  });

  it.skipIf(awscliMissing)('looks at keys, their policies and their names', async () => {
    const { Keys } = (await kms('list-keys')) as { Keys: { KeyId: string }[] };
    expect(Keys.map(({ KeyId }) => KeyId).sort()).toEqual([keyId, signingKeyId].sort());
    expect(await kms('describe-key', '--key-id', 'alias/data')).toMatchObject({
      KeyMetadata: { KeyId: keyId, KeyUsage: 'ENCRYPT_DECRYPT', KeyState: 'Enabled' },
    });
    expect(await kms('list-aliases', '--key-id', keyId)).toMatchObject({ Aliases: [{ AliasName: 'alias/data' }] });
    expect(await kms('get-key-rotation-status', '--key-id', keyId)).toMatchObject({ KeyRotationEnabled: true });
    const { Policy } = (await kms('get-key-policy', '--key-id', keyId, '--policy-name', 'default')) as {
      Policy: string;
    };
    expect(JSON.parse(Policy)).toMatchObject({ Statement: [{ Effect: 'Allow', Action: 'kms:*' }] });
  });
});

describe('the SDK', () => {
  it('is told that a key which only signs encrypts nothing', async () => {
    await expect(
      sdk.send(new EncryptCommand({ KeyId: signingKeyId, Plaintext: Buffer.from('x') })),
    ).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  });
});
