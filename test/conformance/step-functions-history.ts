import type { HistoryRecord } from './step-functions-case.ts';
import { difference, type Masks } from './step-functions-masks.ts';

/**
 * Before November 2024 AWS had the exit of a distributed Map refer to its MapRunSucceeded, since then to its MapRunStarted (by the dates at
 * which the recordings were last validated). The engine does as AWS does now; the older recordings are read as newer ones.
 */
function asRecordedNow(events: readonly HistoryRecord[]): readonly HistoryRecord[] {
  const startOf = new Map(
    events.filter(({ type }) => type === 'MapRunSucceeded').map(({ id, previousEventId }) => [id, previousEventId]),
  );
  return events.map((event) => {
    const started = event.type === 'MapStateExited' ? startOf.get(event.previousEventId) : undefined;
    return started === undefined ? event : { ...event, previousEventId: started };
  });
}

/** Where the history differs from the recorded one, in order, types, ids and details; undefined when nowhere. */
export function historyDifference(
  recorded: readonly HistoryRecord[],
  actual: readonly HistoryRecord[],
  masks: Masks,
): string | undefined {
  const expected = asRecordedNow(recorded);
  const types = (events: readonly HistoryRecord[]) => events.map((event) => event.type).join(' ');
  // Where branches ran concurrently the recorder masked ids, sorted those events and left some out: these are compared as a set.
  const masked = expected.some((event) => typeof event.id !== 'number');
  if (!masked && expected.length !== actual.length) return `expected ${types(expected)}, got ${types(actual)}`;
  const rest = [...actual];
  for (const event of expected) {
    if (typeof event.id === 'number') {
      const index = rest.findIndex((one) => one.id === event.id);
      const found = rest.splice(index, 1)[0];
      if (index < 0 || !found) return `event ${event.id} ${event.type} is missing`;
      const differs = eventDifference(event, found, masks);
      if (differs)
        return `event ${event.id} ${event.type}: ${differs} (expected ${types(expected)}, got ${types(actual)})`;
    }
  }
  for (const event of expected) {
    if (typeof event.id === 'number') continue;
    const index = rest.findIndex((one) => one.type === event.type && eventDifference(event, one, masks) === undefined);
    if (index < 0) return `no event like ${event.type} (expected ${types(expected)}, got ${types(actual)})`;
    rest.splice(index, 1);
  }
  return undefined;
}

function eventDifference(expected: HistoryRecord, actual: HistoryRecord, masks: Masks): string | undefined {
  if (expected.type !== actual.type) return `expected ${expected.type}, got ${actual.type}`;
  const masked = typeof expected.id !== 'number';
  if (!masked && expected.previousEventId !== actual.previousEventId) {
    return `previousEventId expected ${expected.previousEventId}, got ${actual.previousEventId}`;
  }
  return difference(detailsOf(expected), detailsOf(actual), masks);
}

const detailsOf = (event: HistoryRecord) =>
  Object.fromEntries(
    Object.entries(event)
      .filter(([name]) => name.endsWith('EventDetails'))
      .map(([name, details]) => [name, typeof details === 'object' && details !== null ? asTexts(details) : details]),
  );

/** Payloads are texts; where the recorder masked a part of one it kept what the text means, be it only a number. */
const asTexts = (details: object) =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      (name === 'input' || name === 'output') && typeof value !== 'string' && typeof value !== 'object'
        ? JSON.stringify(value)
        : value,
    ]),
  );
