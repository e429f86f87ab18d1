import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { optionalChoice, requiredBytes, requiredText, takeOnly } from '../operation-input.ts';
import type { Call, JsonObject, Operations } from '../service.ts';
import { permittedKey, requiredKeyId, requireUsable } from './key-use.ts';
import type { Keys, KmsKey } from './keys.ts';
import { signDigest, verifyDigest } from './p256-digest.ts';

const LONGEST_MESSAGE_BYTES = 4096;
const ALGORITHM = 'ECDSA_SHA_256';
const MEMBERS = ['KeyId', 'Message', 'MessageType', 'SigningAlgorithm'];

/** Sign and Verify with ECDSA_SHA_256 on ECC_NIST_P256, and the public key to verify elsewhere. */
export function signingOperations(keys: Keys): Operations {
  function prepare(operation: 'Sign' | 'Verify', input: JsonObject, call: Call) {
    const messageType = optionalChoice(input, 'MessageType', ['RAW', 'DIGEST'], 'RAW');
    const algorithm = requiredText(input, 'SigningAlgorithm');
    const message = requiredBytes(input, 'Message', LONGEST_MESSAGE_BYTES);
    const key = permittedKey(keys, operation, requiredKeyId(input), call, {
      'kms:SigningAlgorithm': algorithm,
      'kms:MessageType': messageType,
    });
    requireUsable(key, 'SIGN_VERIFY', operation);
    if (algorithm !== ALGORITHM) {
      throw new AwsError(
        'InvalidKeyUsageException',
        `Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`,
      );
    }
    if (messageType === 'DIGEST' && message.length !== 32) {
      throw new AwsError('ValidationException', `Digest is invalid length for algorithm ${ALGORITHM}.`);
    }
    return { key, message, isDigest: messageType === 'DIGEST' };
  }

  return {
    Sign(input, call) {
      takeOnly('Sign', input, MEMBERS);
      const { key, message, isDigest } = prepare('Sign', input, call);
      const privateKey = privateKeyOf(key);
      return {
        KeyId: key.arn,
        Signature: isDigest ? signDigest(privateKey, message) : sign('sha256', message, privateKey),
        SigningAlgorithm: ALGORITHM,
      };
    },

    Verify(input, call) {
      takeOnly('Verify', input, [...MEMBERS, 'Signature']);
      const signature = requiredBytes(input, 'Signature', 6144);
      const { key, message, isDigest } = prepare('Verify', input, call);
      const publicKey = createPublicKey(privateKeyOf(key));
      const isValid = isDigest
        ? verifyDigest(publicKey, message, signature)
        : verify('sha256', message, publicKey, signature);
      if (!isValid) throw new AwsError('KMSInvalidSignatureException', '');
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: ALGORITHM };
    },

    GetPublicKey(input, call) {
      takeOnly('GetPublicKey', input, ['KeyId']);
      const key = permittedKey(keys, 'GetPublicKey', requiredKeyId(input), call);
      if (key.usage !== 'SIGN_VERIFY') {
        throw new AwsError('UnsupportedOperationException', `${key.arn} is a symmetric key and has no public key.`);
      }
      requireUsable(key, 'SIGN_VERIFY', 'GetPublicKey');
      return {
        KeyId: key.arn,
        PublicKey: createPublicKey(privateKeyOf(key)).export({ format: 'der', type: 'spki' }),
        CustomerMasterKeySpec: key.spec,
        KeySpec: key.spec,
        KeyUsage: key.usage,
        SigningAlgorithms: [ALGORITHM],
      };
    },
  };
}

const privateKeyOf = (key: KmsKey): KeyObject =>
  createPrivateKey({ key: Buffer.from(key.material), format: 'der', type: 'pkcs8' });
