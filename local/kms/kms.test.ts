import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject } from '../service.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

const keyPolicy = (...statements: JsonObject[]) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${DEV}:root` }, Action: 'kms:*', Resource: '*' },
    ...statements,
  ],
});

describe('KMS over the wire', () => {
  let runtime: TestRuntime;
  let dev: KMSClient;
  let acc: KMSClient;
  let dataKeyArn: string;
  let signingKeyArn: string;

  const makeKey = async (logicalId: string, properties: JsonObject) =>
    (await runtime.put(DEV, 'AWS::KMS::Key', properties, logicalId)).attributes.Arn as string;

  beforeAll(async () => {
    runtime = await startTestRuntime();
    dev = new KMSClient(runtime.client(DEV));
    acc = new KMSClient(runtime.client(ACC));
    dataKeyArn = await makeKey('DataKey', { Description: 'data', KeyPolicy: keyPolicy() });
    await runtime.put(DEV, 'AWS::KMS::Alias', { AliasName: 'alias/data', TargetKeyId: dataKeyArn }, 'DataAlias');
    signingKeyArn = await makeKey('SigningKey', {
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      KeyPolicy: keyPolicy({
        Effect: 'Allow',
        Principal: { AWS: ACC },
        Action: ['kms:Verify', 'kms:GetPublicKey'],
        Resource: '*',
      }),
    });
  });
  afterAll(() => runtime.dispose());

  describe('encryption', () => {
    test('what was encrypted by alias comes back without naming the key', async () => {
      const { CiphertextBlob, KeyId } = await dev.send(
        new EncryptCommand({ KeyId: 'alias/data', Plaintext: bytes('secret'), EncryptionContext: { a: '1', b: '2' } }),
      );
      expect(KeyId).toBe(dataKeyArn);
      expect(Buffer.from(CiphertextBlob as Uint8Array).includes('secret')).toBe(false);
      const { Plaintext } = await dev.send(
        new DecryptCommand({ CiphertextBlob: CiphertextBlob as Uint8Array, EncryptionContext: { b: '2', a: '1' } }),
      );
      expect(Buffer.from(Plaintext as Uint8Array).toString()).toBe('secret');
    });

    test.each([
      { case: 'another encryption context', context: { a: '2' }, change: (b: Uint8Array) => b },
      { case: 'no encryption context', context: undefined, change: (b: Uint8Array) => b },
      {
        case: 'one bit changed',
        context: { a: '1' },
        change: (b: Uint8Array) => {
          const changed = Uint8Array.from(b);
          changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
          return changed;
        },
      },
      { case: 'a byte cut off', context: { a: '1' }, change: (b: Uint8Array) => b.slice(0, -1) },
      { case: 'something that never was a ciphertext', context: { a: '1' }, change: () => bytes('nothing') },
    ])('a ciphertext with $case is refused', async ({ context, change }) => {
      const { CiphertextBlob } = await dev.send(
        new EncryptCommand({ KeyId: dataKeyArn, Plaintext: bytes('secret'), EncryptionContext: { a: '1' } }),
      );
      await expect(
        dev.send(
          new DecryptCommand({ CiphertextBlob: change(CiphertextBlob as Uint8Array), EncryptionContext: context }),
        ),
      ).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    });

    test('a data key is what its ciphertext decrypts to', async () => {
      const { Plaintext, CiphertextBlob } = await dev.send(
        new GenerateDataKeyCommand({ KeyId: dataKeyArn, KeySpec: 'AES_256' }),
      );
      expect(Plaintext).toHaveLength(32);
      const decrypted = await dev.send(
        new DecryptCommand({ CiphertextBlob: CiphertextBlob as Uint8Array, KeyId: dataKeyArn }),
      );
      expect(Buffer.from(decrypted.Plaintext as Uint8Array)).toEqual(Buffer.from(Plaintext as Uint8Array));
    });

    test('decrypting with another key than the one that encrypted is refused', async () => {
      const other = await makeKey('OtherKey', {});
      const { CiphertextBlob } = await dev.send(new EncryptCommand({ KeyId: dataKeyArn, Plaintext: bytes('secret') }));
      await expect(
        dev.send(new DecryptCommand({ CiphertextBlob: CiphertextBlob as Uint8Array, KeyId: other })),
      ).rejects.toMatchObject({ name: 'IncorrectKeyException' });
    });

    test('a signing key does not encrypt', async () => {
      await expect(
        dev.send(new EncryptCommand({ KeyId: signingKeyArn, Plaintext: bytes('secret') })),
      ).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
    });
  });

  describe('signatures', () => {
    const message = bytes('the candidate');
    const digest = createHash('sha256').update(message).digest();
    const sign = async (MessageType: 'RAW' | 'DIGEST') =>
      (
        await dev.send(
          new SignCommand({
            KeyId: signingKeyArn,
            Message: MessageType === 'RAW' ? message : digest,
            MessageType,
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        )
      ).Signature as Uint8Array;

    test.each(['RAW', 'DIGEST'] as const)(
      'OpenSSL accepts a signature of a %s message under the public key',
      async (type) => {
        const { PublicKey } = await dev.send(new GetPublicKeyCommand({ KeyId: signingKeyArn }));
        const publicKey = createPublicKey({ key: Buffer.from(PublicKey as Uint8Array), format: 'der', type: 'spki' });
        expect(verify('sha256', message, publicKey, await sign(type))).toBe(true);
      },
    );

    test.each([
      { signed: 'RAW', verified: 'DIGEST' },
      { signed: 'DIGEST', verified: 'RAW' },
    ] as const)(
      'a signature of the $signed message verifies against the $verified one',
      async ({ signed, verified }) => {
        const answer = await dev.send(
          new VerifyCommand({
            KeyId: signingKeyArn,
            Message: verified === 'RAW' ? message : digest,
            MessageType: verified,
            Signature: await sign(signed),
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        );
        expect(answer.SignatureValid).toBe(true);
      },
    );

    test.each(['RAW', 'DIGEST'] as const)('a signature of something else is refused (%s)', async (MessageType) => {
      const other = createHash('sha256').update('another').digest();
      await expect(
        dev.send(
          new VerifyCommand({
            KeyId: signingKeyArn,
            Message: other,
            MessageType,
            Signature: await sign('RAW'),
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        ),
      ).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' });
    });

    test('a digest of the wrong length is refused', async () => {
      await expect(
        dev.send(
          new SignCommand({
            KeyId: signingKeyArn,
            Message: digest.subarray(1),
            MessageType: 'DIGEST',
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        ),
      ).rejects.toMatchObject({ message: 'Digest is invalid length for algorithm ECDSA_SHA_256.' });
    });
  });

  describe('another account', () => {
    test('may verify with a key whose policy lets it, by the ARN of the key', async () => {
      const { Signature } = await dev.send(
        new SignCommand({ KeyId: signingKeyArn, Message: bytes('x'), SigningAlgorithm: 'ECDSA_SHA_256' }),
      );
      const answer = await acc.send(
        new VerifyCommand({
          KeyId: signingKeyArn,
          Message: bytes('x'),
          Signature: Signature as Uint8Array,
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      );
      expect(answer.SignatureValid).toBe(true);
    });

    test('may not sign with it', async () => {
      await expect(
        acc.send(new SignCommand({ KeyId: signingKeyArn, Message: bytes('x'), SigningAlgorithm: 'ECDSA_SHA_256' })),
      ).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: `User: arn:aws:iam::${ACC}:user/administrator is not authorized to perform: kms:Sign on resource: ${signingKeyArn} because no resource-based policy allows the kms:Sign action`,
      });
    });

    test('may not decrypt what it holds the ciphertext of, and the denial is logged', async () => {
      const { CiphertextBlob } = await dev.send(new EncryptCommand({ KeyId: dataKeyArn, Plaintext: bytes('secret') }));
      await expect(
        acc.send(new DecryptCommand({ CiphertextBlob: CiphertextBlob as Uint8Array })),
      ).rejects.toMatchObject({ name: 'AccessDeniedException' });
      expect(runtime.logged).toContainEqual(
        expect.objectContaining({
          level: 'warn',
          message: expect.stringContaining(`kms:Decrypt on resource: ${dataKeyArn}`),
        }),
      );
    });

    test('does not find the key by its id or alias alone', async () => {
      await expect(
        acc.send(new DescribeKeyCommand({ KeyId: dataKeyArn.slice(dataKeyArn.indexOf('/') + 1) })),
      ).rejects.toMatchObject({ name: 'NotFoundException' });
      await expect(acc.send(new DescribeKeyCommand({ KeyId: 'alias/data' }))).rejects.toMatchObject({
        name: 'NotFoundException',
        message: `Alias arn:aws:kms:${REGION}:${ACC}:alias/data is not found.`,
      });
    });
  });

  describe('key policies', () => {
    test('a key is closed to its own account when its policy does not open it', async () => {
      const closed = await makeKey('Closed', {
        KeyPolicy: { Statement: [{ Effect: 'Allow', Principal: { AWS: ACC }, Action: 'kms:*', Resource: '*' }] },
      });
      await expect(dev.send(new EncryptCommand({ KeyId: closed, Plaintext: bytes('x') }))).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    });

    test('an encryption context in a condition decides', async () => {
      const conditional = await makeKey('Conditional', {
        KeyPolicy: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: DEV },
              Action: 'kms:Encrypt',
              Resource: '*',
              Condition: { StringEquals: { 'kms:EncryptionContext:model': 'credit' } },
            },
          ],
        },
      });
      const encrypt = (EncryptionContext: Record<string, string>) =>
        dev.send(new EncryptCommand({ KeyId: conditional, Plaintext: bytes('x'), EncryptionContext }));
      await expect(encrypt({ model: 'credit' })).resolves.toMatchObject({ KeyId: conditional });
      await expect(encrypt({ model: 'other' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    });
  });

  test('a disabled key and one to be deleted are refused in their own words', async () => {
    const disabled = await makeKey('Disabled', { Enabled: false });
    await expect(dev.send(new EncryptCommand({ KeyId: disabled, Plaintext: bytes('x') }))).rejects.toMatchObject({
      name: 'DisabledException',
    });
    const handler = runtime.resourceHandlers(DEV).find(({ type }) => type === 'AWS::KMS::Key');
    await handler?.delete(disabled.slice(disabled.indexOf('/') + 1));
    await expect(dev.send(new EncryptCommand({ KeyId: disabled, Plaintext: bytes('x') }))).rejects.toMatchObject({
      name: 'KMSInvalidStateException',
    });
    expect((await dev.send(new DescribeKeyCommand({ KeyId: disabled }))).KeyMetadata?.KeyState).toBe('PendingDeletion');
  });

  test('keys and aliases are listed, each account its own', async () => {
    const { Keys } = await dev.send(new ListKeysCommand({}));
    expect(Keys?.map(({ KeyArn }) => KeyArn)).toContain(dataKeyArn);
    expect((await acc.send(new ListKeysCommand({}))).Keys).toEqual([]);
    expect((await dev.send(new ListAliasesCommand({}))).Aliases).toEqual([
      expect.objectContaining({ AliasName: 'alias/data', TargetKeyId: dataKeyArn.slice(dataKeyArn.indexOf('/') + 1) }),
    ]);
  });

  test('an operation and a field that are not done are refused by name', async () => {
    await expect(dev.send(new ScheduleKeyDeletionCommand({ KeyId: dataKeyArn }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('kms:ScheduleKeyDeletion'),
    });
    await expect(
      dev.send(new EncryptCommand({ KeyId: dataKeyArn, Plaintext: bytes('x'), GrantTokens: ['token'] })),
    ).rejects.toMatchObject({ message: expect.stringContaining('Encrypt with GrantTokens') });
  });

  test('a redeployed key keeps its material and takes its new policy', async () => {
    const { CiphertextBlob } = await dev.send(new EncryptCommand({ KeyId: dataKeyArn, Plaintext: bytes('kept') }));
    const handler = runtime.resourceHandlers(DEV).find(({ type }) => type === 'AWS::KMS::Key');
    const again = await handler?.put({
      stackName: 'test',
      logicalId: 'DataKey',
      properties: {
        KeyPolicy: keyPolicy({ Effect: 'Allow', Principal: { AWS: ACC }, Action: 'kms:Decrypt', Resource: '*' }),
      },
      previous: { physicalId: dataKeyArn.slice(dataKeyArn.indexOf('/') + 1), properties: {} },
      artifact: () => new Uint8Array(),
    });
    expect(again?.attributes.Arn).toBe(dataKeyArn);
    const { Plaintext } = await acc.send(new DecryptCommand({ CiphertextBlob: CiphertextBlob as Uint8Array }));
    expect(Buffer.from(Plaintext as Uint8Array).toString()).toBe('kept');
  });
});
