import { crc32 } from 'node:zlib';
import type { Clock } from '../../clock.ts';
import type { JsonObject } from '../../service.ts';

/** How the answers of a service look on the wire: what Step Functions shows of it is what was recorded of AWS. */
export type AnswerStyle = 'dynamodb' | 'lambda' | 'json-1.0' | 'json-1.1';

export interface AnswerFacts {
  readonly body: string;
  readonly requestId: string;
  readonly clock: Clock;
  readonly statusCode?: number;
  /** Of a function. */
  readonly executedVersion?: string | undefined;
}

/** The HTTP side of an answer, as the output of an optimised integration's task shows it. */
export function sdkMetadata(style: AnswerStyle, facts: AnswerFacts): JsonObject {
  const { requestId, statusCode = 200 } = facts;
  const headers = headersOf(style, facts);
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

function headersOf(style: AnswerStyle, { body, requestId, clock, executedVersion }: AnswerFacts) {
  const length = String(Buffer.byteLength(body));
  const always = { Date: new Date(clock.now()).toUTCString(), 'x-amzn-RequestId': requestId, 'Content-Length': length };
  switch (style) {
    case 'dynamodb':
      return {
        ...always,
        Server: 'Server',
        Connection: 'keep-alive',
        'Content-Type': 'application/x-amz-json-1.0',
        'x-amz-crc32': String(crc32(body)),
      };
    case 'lambda':
      return {
        ...always,
        ...(executedVersion !== undefined && { 'X-Amz-Executed-Version': executedVersion }),
        Connection: 'keep-alive',
        'Content-Type': 'application/json',
        'x-amzn-Remapped-Content-Length': '0',
      };
    default:
      return { ...always, connection: 'keep-alive', 'Content-Type': `application/x-amz-${style}` };
  }
}

/** An answer as JSON can hold it: times as ISO 8601 (whole seconds without a fraction, as Java writes them), bytes as base64. */
export function plainAnswer(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plainAnswer);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => [name, plainAnswer(item)]),
    );
  }
  return value;
}
