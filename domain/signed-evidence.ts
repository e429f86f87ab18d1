import { canonicalJson } from './canonical-json.ts';
import type { Signer } from './ports/signer.ts';
import type { Approval, Evidence } from './promotion.ts';

/** What is signed: everything but the signature. */
export const signedText = (
  record: Evidence | Approval | Omit<Evidence, 'signature'> | Omit<Approval, 'signature'>,
): string => canonicalJson({ ...record, signature: undefined });

export async function sign<T extends Omit<Evidence, 'signature'> | Omit<Approval, 'signature'>>(
  signer: Pick<Signer, 'sign'>,
  record: T,
): Promise<T & { readonly signature: Awaited<ReturnType<Signer['sign']>> }> {
  return { ...record, signature: await signer.sign(signedText(record)) };
}

/** Those that the trusted key signed as they stand; anything else is as if it were not there. */
export async function verified<T extends Evidence | Approval>(
  signer: Pick<Signer, 'verify'>,
  trustedKeyArn: string,
  records: readonly T[],
): Promise<T[]> {
  const good: T[] = [];
  for (const record of records) {
    if (await signer.verify(signedText(record), record.signature, trustedKeyArn)) good.push(record);
  }
  return good;
}
