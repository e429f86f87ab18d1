import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalIdOf, datasetDigestOf } from './dataset.ts';
import { locationsOf } from './dataset-locations.ts';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const object = fc.record({ key: fc.string(), versionId: fc.string(), sha256: fc.string(), bytes: fc.nat() });
const objects = fc.array(object, { minLength: 1, maxLength: 6 });
const inAnyOrder = objects.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
);

describe('the digest of a dataset version', () => {
  it('does not ask in which order its objects came', () => {
    fc.assert(
      fc.property(inAnyOrder, ([a, b]) => {
        expect(datasetDigestOf(sha256, 'm', a)).toBe(datasetDigestOf(sha256, 'm', b));
      }),
    );
  });

  it('is about bytes: keys and versions are no part of it', () => {
    fc.assert(
      fc.property(objects, (all) => {
        const renamed = all.map((one) => ({ ...one, key: `other/${one.key}`, versionId: 'other' }));
        expect(datasetDigestOf(sha256, 'm', renamed)).toBe(datasetDigestOf(sha256, 'm', all));
      }),
    );
  });

  it('is another one for other bytes, for the same bytes twice, and for another model', () => {
    const one = { sha256: 'a', bytes: 1 };
    const digests = [
      datasetDigestOf(sha256, 'm', [one]),
      datasetDigestOf(sha256, 'm', [{ sha256: 'b', bytes: 1 }]),
      datasetDigestOf(sha256, 'm', [one, one]),
      datasetDigestOf(sha256, 'other', [one]),
    ];
    expect(new Set(digests).size).toBe(4);
  });
});

describe('the id of an arrival', () => {
  it('does not ask in which order its objects came', () => {
    fc.assert(
      fc.property(inAnyOrder, ([a, b]) => {
        expect(arrivalIdOf(sha256, 'm', a)).toBe(arrivalIdOf(sha256, 'm', b));
      }),
    );
  });

  it('does not take the end of a key for the beginning of a version', () => {
    const a = { key: 'm/a', versionId: '1x' };
    const b = { key: 'm/a1', versionId: 'x' };
    expect(arrivalIdOf(sha256, 'm', [a, b])).toBe(arrivalIdOf(sha256, 'm', [b, a]));
  });

  it('is another one for another version of the same object', () => {
    const key = 'm/data.csv';
    expect(arrivalIdOf(sha256, 'm', [{ key, versionId: '1' }])).not.toBe(
      arrivalIdOf(sha256, 'm', [{ key, versionId: '2' }]),
    );
  });
});

it('the objects of a dataset are read to the version, where there are versions', () => {
  const pinned = { sha256: 'a', bytes: 1 };
  const dataset = {
    objects: [
      { ...pinned, key: 'm/a', versionId: 'v1' },
      { ...pinned, key: 'm/b', versionId: '' },
    ],
  };
  expect(locationsOf(dataset, 'bucket')).toEqual([
    { bucket: 'bucket', key: 'm/a', versionId: 'v1' },
    { bucket: 'bucket', key: 'm/b' },
  ]);
});
