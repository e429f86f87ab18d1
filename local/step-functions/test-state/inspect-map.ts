import { Readable } from 'node:stream';
import { isDistributed } from '../asl.ts';
import { iterationInput } from '../interpreter/branching-states.ts';
import type { Evaluation } from '../interpreter/evaluation.ts';
import type { Frame } from '../interpreter/execution.ts';
import type { Failure } from '../interpreter/failure.ts';
import { type MapRunSettings, mapRunSettings, type ReaderSettings } from '../interpreter/map-run.ts';
import { childInputs } from '../map-run/item-batcher.ts';
import { readItems } from '../map-run/item-reader.ts';
import { itemReaderFailed } from '../map-run/run-failure.ts';
import type { Inspection } from './inspection.ts';
import type { TestStateRequest } from './test-state-request.ts';

/**
 * Shows what a Map makes of its items before the first iteration, and says how it fails when as many of them failed as the test says.
 * Throws Problem where one of its fields cannot be evaluated.
 */
export async function inspectMap(
  request: TestStateRequest,
  frame: Frame,
  evaluation: Evaluation,
  inspection: Inspection,
): Promise<Failure | undefined> {
  const state = frame.state!;
  const { definition, language, input } = state;
  // With an ItemReader the items are not the input's, so that nothing has applied InputPath yet.
  if (definition.ItemReader !== undefined && language === 'JSONPath')
    inspection.see('afterInputPath', evaluation.path(definition.InputPath, input));
  const settings = isDistributed(definition) ? await mapRunSettings(frame, evaluation) : {};
  inspection.set('maxConcurrency', state.maxConcurrency ?? 0);
  if (settings.toleratedCount !== undefined) inspection.set('toleratedFailureCount', settings.toleratedCount);
  if (settings.toleratedPercentage !== undefined)
    inspection.set('toleratedFailurePercentage', settings.toleratedPercentage);
  const items = settings.reader ? await itemsOf(settings.reader, request.mapItemReaderData) : (state.items ?? []);
  if (settings.reader?.config.ItemsPointer !== undefined) inspection.see('afterItemsPointer', items);
  const inputs: unknown[] = [];
  for (const [index, item] of items.entries()) inputs.push(await iterationInput(frame, index, item, evaluation));
  if ((definition.ItemSelector ?? definition.Parameters) !== undefined) inspection.see('afterItemSelector', inputs);
  if (settings.batcher) {
    const batches: unknown[] = [];
    for await (const { input } of childInputs(Readable.from(inputs), settings.batcher)) batches.push(JSON.parse(input));
    inspection.see('afterItemBatcher', batches);
  }
  return tooManyFailed(request.mapIterationFailureCount ?? 0, items.length, settings);
}

/** AWS was recorded letting any number pass where the Map tolerates none by name. */
function tooManyFailed(failed: number, items: number, settings: MapRunSettings): Failure | undefined {
  const { toleratedCount, toleratedPercentage } = settings;
  const within =
    (toleratedCount === undefined || failed <= toleratedCount) &&
    (toleratedPercentage === undefined || items === 0 || (100 * failed) / items <= toleratedPercentage);
  if (within) return undefined;
  return {
    error: 'States.ExceedToleratedFailureThreshold',
    cause: 'The specified tolerated failure threshold was exceeded',
  };
}

/** The data read as the ItemReader would have read them from its object. */
async function itemsOf(reader: ReaderSettings, data: string | undefined): Promise<unknown[]> {
  if (data === undefined) return [];
  const refused = () => Promise.reject(new Error('A state under test reads nothing but mapItemReaderData.'));
  const storage = { get: async () => Readable.from([Buffer.from(data)]), list: refused, put: refused };
  const items: unknown[] = [];
  if (reader.action === 'listObjectsV2') return listed(data);
  for await (const { value } of readItems(reader, storage, { roleArn: '', sessionName: '' })) items.push(value);
  return items;
}

/** A listing is given as the list of its objects. */
function listed(data: string): unknown[] {
  try {
    const objects: unknown = JSON.parse(data);
    if (Array.isArray(objects)) return objects;
  } catch {
    // Told below, with the list that is none.
  }
  throw itemReaderFailed('mapItemReaderData must be a JSON array of the objects that listObjectsV2 would list.');
}
