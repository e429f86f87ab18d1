import * as v from 'valibot';
import { detailSchema, type EventData, type EventType } from '../../contracts/events/catalogue.ts';
import { InputInvalid } from '../../domain/errors.ts';
import { describeIssues } from './attempt.ts';
import type { BusEvent } from './define-consumer.ts';

/** It becomes part of an audit key, which is an id itself. */
const LONGEST_ID = 120;
const withId = v.object({ metadata: v.object({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_ID)) }) });

/** A fact is known by its own id: the bus gives each sending of it another one. */
export const factIdentity = (event: BusEvent): string => {
  const parsed = v.safeParse(withId, event.detail);
  return parsed.success ? parsed.output.metadata.id : event.id;
};

/** The fact of this type in an event. Throws InputInvalid where it breaks its contract. */
export function factOf<T extends EventType>(
  type: T,
  { detail }: BusEvent,
): { id: string; runId: string | null; data: EventData<T> } {
  const parsed = v.safeParse(detailSchema(type), detail);
  if (!parsed.success) throw new InputInvalid(`this is no "${type}": ${describeIssues(parsed.issues)}`);
  const { metadata, data } = parsed.output;
  return { id: metadata.id, runId: metadata.runId, data: data as EventData<T> };
}
