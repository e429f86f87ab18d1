import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TimeHeap } from './time-heap.ts';

it('gives values back by time, whatever the order they came in', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined })), (steps) => {
      const heap = new TimeHeap<number>();
      let model: number[] = [];
      for (const atMs of steps) {
        if (atMs !== undefined) {
          heap.add(atMs, atMs);
          model = [...model, atMs].sort((left, right) => left - right);
        } else if (model.length > 0) expect(heap.take()).toEqual({ atMs: model[0], value: model.shift() });
        expect(heap.first?.atMs).toBe(model[0]);
        expect(heap.size).toBe(model.length);
      }
    }),
  );
});
