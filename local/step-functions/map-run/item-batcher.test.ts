import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childInputs } from './item-batcher.ts';

async function* each(items: readonly unknown[]) {
  yield* items;
}

async function batched(items: readonly unknown[], settings: Parameters<typeof childInputs>[1]) {
  const batches: { input: string; items: number }[] = [];
  for await (const batch of childInputs(each(items), settings)) batches.push(batch);
  return batches;
}

describe('an ItemBatcher', () => {
  it('puts each item into exactly one batch, in order, and no batch is larger than was asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer(), fc.string({ maxLength: 20 }), fc.record({ a: fc.string({ maxLength: 5 }) }))),
        fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
        fc.option(fc.integer({ min: 400, max: 600 }), { nil: undefined }),
        fc.option(fc.record({ b: fc.string({ maxLength: 5 }) }), { nil: undefined }),
        async (items, maxItems, maxBytes, batchInput) => {
          const batches = await batched(items, {
            ...(maxItems !== undefined && { maxItems }),
            ...(maxBytes !== undefined && { maxBytes }),
            ...(batchInput !== undefined && { batchInput }),
          });
          const inputs = batches.map(({ input }) => JSON.parse(input) as { Items: unknown[]; BatchInput?: unknown });
          expect(inputs.flatMap(({ Items }) => Items)).toEqual(JSON.parse(JSON.stringify(items)));
          expect(batches.map((batch) => batch.items)).toEqual(inputs.map(({ Items }) => Items.length));
          for (const [index, { input }] of batches.entries()) {
            expect(inputs[index]!.Items.length).toBeGreaterThan(0);
            expect(inputs[index]!.Items.length).toBeLessThanOrEqual(maxItems ?? Number.POSITIVE_INFINITY);
            expect(Buffer.byteLength(input)).toBeLessThanOrEqual(maxBytes ?? 262_144);
            expect(inputs[index]!.BatchInput).toEqual(batchInput);
          }
        },
      ),
    );
  });

  it('fills a batch up to the byte that it may have', async () => {
    const [first] = await batched(['aa', 'bb', 'cc'], { maxBytes: Buffer.byteLength('{"Items":["aa","bb"]}') });
    expect(first).toEqual({ input: '{"Items":["aa","bb"]}', items: 2 });
  });

  it('fails the run for an item that no batch can hold', async () => {
    await expect(batched(['a', 'b'.repeat(100)], { maxBytes: 50 })).rejects.toMatchObject({
      failure: { error: 'States.DataLimitExceeded', cause: expect.stringContaining('index 1') },
    });
  });
});
