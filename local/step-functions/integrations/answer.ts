import type { Clock } from '../../clock.ts';
import type { JsonObject } from '../../service.ts';

/** The HTTP side of an answer, as a task's output shows it. */
export function sdkMetadata(
  body: string,
  requestId: string,
  clock: Clock,
  contentType = 'application/x-amz-json-1.0',
): JsonObject {
  const headers: Record<string, string> = {
    connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': contentType,
    Date: new Date(clock.now()).toUTCString(),
    'x-amzn-RequestId': requestId,
  };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** An answer as JSON can hold it: times as ISO 8601, bytes as base64. */
export function plainAnswer(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
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
