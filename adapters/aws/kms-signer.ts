import { createHash } from 'node:crypto';
import { type KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';
import { SigningUnavailable } from '../../domain/errors.ts';
import type { Signer } from '../../domain/ports/signer.ts';
import { isTransient } from './is-transient.ts';

/** Bytes. https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html */
const LONGEST_SIGNATURE = 6_144;

/** The Signer port on KMS: ECDSA P-256 over the SHA-256 of the text. `ownKeyArn` may be absent in functions that only verify. */
export function createKmsSigner(client: KMSClient, ownKeyArn: string | null): Signer {
  const failed = (error: unknown): never => {
    if (isTransient(error)) throw new SigningUnavailable(`the key service did not answer: ${error}`, { cause: error });
    throw error;
  };
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return {
    async sign(text) {
      if (ownKeyArn === null) throw new TypeError('this function has no signing key');
      const command = new SignCommand({
        KeyId: ownKeyArn,
        Message: digest(text),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
      const answer = await client.send(command).catch(failed);
      const value = Buffer.from(answer.Signature as Uint8Array).toString('base64');
      return { keyArn: ownKeyArn, algorithm: 'ECDSA_SHA_256', value };
    },
    async verify(text, signature, keyArn) {
      const der = Buffer.from(signature.value, 'base64');
      // KMS takes no such request, and a signature that nobody can check is none.
      if (der.length === 0 || der.length > LONGEST_SIGNATURE) return false;
      try {
        const answer = await client.send(
          new VerifyCommand({
            KeyId: keyArn,
            Message: digest(text),
            MessageType: 'DIGEST',
            SigningAlgorithm: 'ECDSA_SHA_256',
            Signature: der,
          }),
        );
        return answer.SignatureValid === true;
      } catch (error) {
        if ((error as Error).name === 'KMSInvalidSignatureException') return false;
        return failed(error);
      }
    },
  };
}
