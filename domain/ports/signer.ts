import type { Signature } from '../signature.ts';

/** Signs with this environment's key, and verifies. The text is signed by its SHA-256. Throws SigningUnavailable (transient). */
export interface Signer {
  sign(text: string): Promise<Signature>;
  /** Whether `keyArn` made this signature over this text. `keyArn` is the key that is trusted, never the one that the signature names. */
  verify(text: string, signature: Signature, keyArn: string): Promise<boolean>;
}
