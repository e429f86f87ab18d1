import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Store } from '../../store/store.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals what a connection must keep secret (AES-256-GCM, bound to the connection's ARN), so that no dump of a table shows it. The key is in the account's
 * own store, as the keys of the local KMS are: whoever can read that file can open the box.
 */
export class SecretBox {
  readonly #key: Uint8Array;

  constructor(store: Store) {
    store.define(
      'CREATE TABLE IF NOT EXISTS events_secret_key (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL) STRICT',
    );
    store.prepare('INSERT OR IGNORE INTO events_secret_key VALUES (1, ?)').run(randomBytes(32));
    this.#key = store.prepare('SELECT key FROM events_secret_key').get()?.key as Uint8Array;
  }

  seal(value: unknown, boundTo: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(boundTo));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws when it was sealed for another ARN, or changed. */
  open(box: Uint8Array, boundTo: string): unknown {
    const bytes = Buffer.from(box);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(boundTo))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(text.toString('utf8'));
  }
}
