import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { again, type Load, type LoadContext } from './load.ts';
import { KEY_ALIAS } from './stack.ts';

/** So many texts are kept to be read afterwards. */
const MOST_TEXTS = 500;

/** Encrypts texts that must stay readable. */
export function sealedTexts(context: LoadContext): Load {
  const { kms, caller, random, tell } = context;
  const texts: { text: string; sealed: Uint8Array }[] = [];
  let asked = 0;

  async function seal(): Promise<void> {
    const text = `text ${++asked}`;
    const request = { KeyId: KEY_ALIAS, Plaintext: Buffer.from(text) };
    const outcome = await caller.attempt(() => kms.send(new EncryptCommand(request)));
    if (outcome.fate !== 'acknowledged') return;
    const at = texts.length < MOST_TEXTS ? texts.length : random.below(MOST_TEXTS);
    texts[at] = { text, sealed: outcome.answer.CiphertextBlob as Uint8Array };
  }

  return {
    run: () => again(context, 150, seal),
    async check() {
      for (const { text, sealed } of texts) {
        const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: sealed }));
        if (Buffer.from(Plaintext ?? []).toString() !== text) tell(`what was encrypted of ${text} is another text`);
      }
    },
  };
}
