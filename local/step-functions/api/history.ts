import type { JsonObject } from '../../service.ts';
import { detailsMember, type Entry } from '../interpreter/entry.ts';

/** The fields of an event's details that `includeExecutionData: false` leaves out. */
const DATA = ['input', 'output', 'parameters', 'cause', 'error', 'assignedVariables'];

/** A log entry as GetExecutionHistory shows it; `timestamp` in seconds, as the JSON protocol has it. */
export function historyEvent(entry: Entry): JsonObject {
  return {
    timestamp: entry.at / 1000,
    type: entry.type,
    id: entry.id,
    previousEventId: entry.previousEventId,
    ...(entry.details && { [detailsMember(entry.type)]: shown(entry.details) }),
  };
}

/** Beside these fields AWS says whether they were truncated, which only its log destinations do. */
const MAY_BE_TRUNCATED = ['input', 'output', 'assignedVariables'];

function shown(details: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(details)) {
    result[name] = value;
    if (MAY_BE_TRUNCATED.includes(name)) result[`${name}Details`] = { truncated: false };
  }
  return result;
}

export function withoutExecutionData(event: JsonObject): JsonObject {
  const result: JsonObject = { ...event };
  for (const [name, details] of Object.entries(event)) {
    if (!name.endsWith('EventDetails')) continue;
    result[name] = Object.fromEntries(Object.entries(details as JsonObject).filter(([field]) => !DATA.includes(field)));
  }
  return result;
}
