import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { optionalChoice, optionalInteger, optionalText, requiredBytes, takeOnly } from '../operation-input.ts';
import type { Call, JsonObject, Operations } from '../service.ts';
import { keyArnOf, seal, unseal } from './ciphertext.ts';
import { contextConditionKeys, permittedKey, readEncryptionContext, requiredKeyId, requireUsable } from './key-use.ts';
import type { Keys } from './keys.ts';

const LONGEST_PLAINTEXT_BYTES = 4096;
const LONGEST_CIPHERTEXT_BYTES = 6144;

/** Encrypt, Decrypt and data keys, all with AES-256-GCM. */
export function encryptionOperations(keys: Keys): Operations {
  function symmetricKey(operation: string, input: JsonObject, call: Call) {
    const context = readEncryptionContext(input);
    const key = permittedKey(keys, operation, requiredKeyId(input), call, contextConditionKeys(context));
    requireUsable(key, 'ENCRYPT_DECRYPT', operation);
    return { key, context };
  }

  function dataKey(operation: string, input: JsonObject, call: Call) {
    takeOnly(operation, input, ['KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext']);
    const { key, context } = symmetricKey(operation, input, call);
    const plaintext = randomBytes(dataKeyBytes(input));
    return {
      KeyId: key.arn,
      Plaintext: plaintext,
      CiphertextBlob: seal(key.arn, key.material, plaintext, context),
    };
  }

  return {
    Encrypt(input, call) {
      takeOnly('Encrypt', input, ['KeyId', 'Plaintext', 'EncryptionContext', 'EncryptionAlgorithm']);
      optionalChoice(input, 'EncryptionAlgorithm', ['SYMMETRIC_DEFAULT'], 'SYMMETRIC_DEFAULT');
      const plaintext = requiredBytes(input, 'Plaintext', LONGEST_PLAINTEXT_BYTES);
      const { key, context } = symmetricKey('Encrypt', input, call);
      return {
        KeyId: key.arn,
        CiphertextBlob: seal(key.arn, key.material, plaintext, context),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },

    Decrypt(input, call) {
      takeOnly('Decrypt', input, ['KeyId', 'CiphertextBlob', 'EncryptionContext', 'EncryptionAlgorithm']);
      optionalChoice(input, 'EncryptionAlgorithm', ['SYMMETRIC_DEFAULT'], 'SYMMETRIC_DEFAULT');
      const ciphertext = requiredBytes(input, 'CiphertextBlob', LONGEST_CIPHERTEXT_BYTES);
      const keyArn = keyArnOf(ciphertext);
      if (keyArn === undefined) throw invalidCiphertext();
      const context = readEncryptionContext(input);
      const named = optionalText(input, 'KeyId');
      const key = permittedKey(keys, 'Decrypt', named ?? keyArn, call, contextConditionKeys(context));
      requireUsable(key, 'ENCRYPT_DECRYPT', 'Decrypt');
      if (key.arn !== keyArn) {
        throw new AwsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify a CMK that can perform this operation.',
        );
      }
      const plaintext = unseal(keyArn, key.material, ciphertext, context);
      if (!plaintext) throw invalidCiphertext();
      return { KeyId: key.arn, Plaintext: plaintext, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },

    GenerateDataKey: (input, call) => dataKey('GenerateDataKey', input, call),

    GenerateDataKeyWithoutPlaintext(input, call) {
      const { Plaintext: _plaintext, ...rest } = dataKey('GenerateDataKeyWithoutPlaintext', input, call);
      return rest;
    },
  };
}

function dataKeyBytes(input: JsonObject): number {
  const bytes = optionalInteger(input, 'NumberOfBytes', { least: 1, most: 1024 });
  if ((bytes === undefined) === (input.KeySpec === undefined)) {
    throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  if (bytes !== undefined) return bytes;
  return optionalChoice(input, 'KeySpec', ['AES_256', 'AES_128'], 'AES_256') === 'AES_256' ? 32 : 16;
}

/** KMS gives no message here: it does not say what about the ciphertext is wrong. */
const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');
