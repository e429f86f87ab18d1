/** A signature by an environment's signing key. */
export interface Signature {
  /** ARN of the KMS key, which names the account that signed. */
  readonly keyArn: string;
  readonly algorithm: 'ECDSA_SHA_256';
  /** DER, base64. */
  readonly value: string;
}
