import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentId, digestOf } from './content-id.ts';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

describe('an id that follows from content', () => {
  it('fits an execution name: at most 80 characters of a-z, 2-7 and "-"', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (content) => {
        const id = contentId(sha256, 'promotion', content);
        expect(id).toMatch(/^promotion-[a-z2-7]{26}$/);
        expect(`${id}-retrain`.length).toBeLessThanOrEqual(80);
      }),
    );
  });

  it('is the RFC 4648 base32 of the digest: 130 of its bits', () => {
    const digest = sha256('{}');
    const bits = BigInt(`0x${digest}`).toString(2).padStart(256, '0');
    const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
    const expected = Array.from({ length: 26 }, (_, i) => alphabet[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)]);
    expect(contentId(sha256, 'x', {})).toBe(`x-${expected.join('')}`);
  });

  it('is the same for the same content, and another for other content', () => {
    const ids = new Set(Array.from({ length: 2_000 }, (_, n) => contentId(sha256, 'x', { n })));
    expect(ids.size).toBe(2_000);
    expect(contentId(sha256, 'x', { a: 1, b: 2 })).toBe(contentId(sha256, 'x', { b: 2, a: 1 }));
    expect(contentId(sha256, 'x', { n: 1 })).not.toBe(contentId(sha256, 'x', { n: '1' }));
  });
});

it('the digest of a value is the SHA-256 of its canonical JSON', () => {
  expect(digestOf(sha256, { b: 1, a: [] })).toBe(sha256('{"a":[],"b":1}'));
});
