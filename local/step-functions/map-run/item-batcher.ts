import type { BatcherSettings } from '../interpreter/map-run.ts';
import { byteLength, PAYLOAD_LIMIT_BYTES } from '../interpreter/outcome.ts';
import { RunFailure } from './run-failure.ts';

/** The input of one child execution, as JSON text, and how many items are in it. */
export interface ChildInput {
  readonly input: string;
  readonly items: number;
}

/** Each item by itself, or batches: consecutive items, each in exactly one, no batch larger than was asked. Throws RunFailure. */
export async function* childInputs(
  items: AsyncIterable<unknown>,
  batcher: BatcherSettings | undefined,
): AsyncGenerator<ChildInput> {
  if (batcher) yield* batches(items, batcher);
  else {
    let index = 0;
    for await (const item of items)
      yield { input: checked(JSON.stringify(item), PAYLOAD_LIMIT_BYTES, index++), items: 1 };
  }
}

async function* batches(items: AsyncIterable<unknown>, settings: BatcherSettings): AsyncGenerator<ChildInput> {
  const { maxItems = Number.POSITIVE_INFINITY, maxBytes = PAYLOAD_LIMIT_BYTES, batchInput } = settings;
  const limit = Math.min(maxBytes, PAYLOAD_LIMIT_BYTES);
  const before = batchInput === undefined ? '{"Items":[' : `{"BatchInput":${JSON.stringify(batchInput)},"Items":[`;
  const frameBytes = byteLength(before) + 2;
  let batch: string[] = [];
  let bytes = frameBytes;
  const closed = (): ChildInput => ({ input: `${before}${batch.join(',')}]}`, items: batch.length });
  let index = 0;
  for await (const item of items) {
    const text = JSON.stringify(item);
    const size = byteLength(text);
    if (batch.length > 0 && (batch.length >= maxItems || bytes + 1 + size > limit)) {
      yield closed();
      batch = [];
      bytes = frameBytes;
    }
    bytes += size + (batch.length > 0 ? 1 : 0);
    batch.push(text);
    if (batch.length === 1) checked(closed().input, limit, index);
    index += 1;
  }
  if (batch.length > 0) yield closed();
}

function checked(text: string, limitBytes: number, index: number): string {
  if (byteLength(text) <= limitBytes) return text;
  throw new RunFailure(
    'States.DataLimitExceeded',
    `The input of the child workflow execution for the item at index ${index} is ${byteLength(text)} bytes, more than the ${limitBytes} that it may have.`,
  );
}
