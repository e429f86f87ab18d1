import type { FactDraft } from '../../domain/step.ts';
import { type EventData, type EventType, events } from './catalogue.ts';

/** A fact to be told, with the data that its contract asks for. */
export function fact<T extends EventType>(type: T, data: EventData<T>): FactDraft {
  const event = events.find((one) => one.type === type);
  if (!event) throw new TypeError(`no event contract is named "${type}"`);
  return { type, version: event.version, data: data as FactDraft['data'] };
}
