import { formatArn } from '../arn.ts';
import type { EventBridgeEvent } from '../service.ts';

/** An event on its way: its JSON text, in which numbers stand as the sender wrote them, and what is asked of it often. */
export interface EventText {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly detailType: string;
}

export interface EventParts {
  readonly id: string;
  readonly detailType: string;
  readonly source: string;
  readonly account: string;
  readonly timeMs: number;
  readonly region: string;
  readonly resources: readonly string[];
  /** Compact JSON text of the detail. */
  readonly detailText: string;
}

export const DEFAULT_BUS = 'default';

export const busArn = (region: string, accountId: string, name: string): string =>
  formatArn('events', region, accountId, `event-bus/${name}`);

export const ruleArn = (region: string, accountId: string, bus: string, name: string): string =>
  formatArn('events', region, accountId, bus === DEFAULT_BUS ? `rule/${name}` : `rule/${bus}/${name}`);

/** `2026-01-01T00:00:00Z`: EventBridge's times have no fractions. */
export const formatTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export function buildEvent(parts: EventParts): EventText {
  const head = JSON.stringify({
    version: '0',
    id: parts.id,
    'detail-type': parts.detailType,
    source: parts.source,
    account: parts.account,
    time: formatTime(parts.timeMs),
    region: parts.region,
    resources: parts.resources,
  });
  return {
    id: parts.id,
    text: `${head.slice(0, -1)},"detail":${parts.detailText}}`,
    source: parts.source,
    detailType: parts.detailType,
  };
}

/** The same event as one that a replay sends. */
export const withReplayName = (event: EventText, replayName: string): EventText => ({
  ...event,
  text: `${event.text.slice(0, -1)},"replay-name":${JSON.stringify(replayName)}}`,
});

export const eventTextOf = (event: EventBridgeEvent): EventText => ({
  id: event.id,
  text: JSON.stringify(event),
  source: event.source,
  detailType: event['detail-type'],
});

/** JSON.rawJSON and the reviver's third argument are in Node 22 and later; TypeScript's ES2024 library does not know them. */
const sourceText = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/**
 * The event as a value. Numbers whose text a JavaScript number would lose (5.0, long ids) become raw JSON, so that
 * JSON.stringify writes them as they were.
 */
export const parseEventText = (text: string): EventBridgeEvent =>
  sourceText.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? sourceText.rawJSON(source) : value,
  ) as EventBridgeEvent;
