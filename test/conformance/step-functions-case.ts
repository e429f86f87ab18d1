import type { Mock } from './step-functions-mocks.ts';
import type { StoredObject } from './step-functions-objects.ts';

/** A case of the corpus; its README gives the schema. */
export interface Case {
  readonly id: string;
  readonly kind: 'execution' | 'test_state' | 'create_invalid';
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly features: readonly string[];
  readonly level: string;
  readonly definition: Record<string, unknown>;
  /** Where the case has its definition as a text. */
  readonly definitionText?: string;
  readonly input: unknown;
  readonly inputRaw: string | null;
  readonly testStateArgs: Record<string, unknown> | null;
  readonly expected: Record<string, unknown>;
  readonly history: readonly HistoryRecord[] | null;
  readonly mocks: readonly Mock[] | null;
  /** What the functions of the case do. */
  readonly lambdas?: Readonly<Record<string, { readonly behaviour: 'echo' | 'raises' | 'custom' }>> | null;
  readonly s3?: readonly StoredObject[] | null;
  readonly captureTimeInput: boolean;
  readonly replacements: readonly (readonly [string, string])[] | null;
  readonly jsonpathReplacements: readonly (readonly [string, string])[] | null;
}

export interface HistoryRecord {
  readonly id: number | unknown;
  readonly previousEventId: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

/** A case that cannot be judged, and why. */
export interface NotJudged {
  readonly id: string;
  readonly reason: string;
}

const KINDS = new Set(['execution', 'test_state', 'create_invalid']);
const LEVELS = new Set(['pure', 'mocked', 'mocked-partial', 'service-data', 'interactive', 'unmockable', 'validation']);

/** Reads one entry of a file of cases. Members that are absent have their empty value; what is unknown is left alone. */
export function readCase(entry: unknown, index: number): Case | NotJudged {
  if (!isRecord(entry)) return { id: `#${index}`, reason: 'not-an-object' };
  const given = entry as unknown as Partial<Case> & { readonly definition?: unknown; readonly inputRaw?: unknown };
  const id = typeof given.id === 'string' ? given.id : `#${index}`;
  const text = typeof given.definition === 'string' ? given.definition : undefined;
  const definition = text === undefined ? given.definition : parsedObject(text);
  const { kind = 'execution', level = kind === 'create_invalid' ? 'validation' : 'pure' } = given;
  if (!KINDS.has(kind)) return { id, reason: `unknown-kind-${kind}` };
  if (!LEVELS.has(level)) return { id, reason: `unknown-level-${level}` };
  if (!isRecord(definition) && !(text !== undefined && kind === 'create_invalid'))
    return { id, reason: 'no-definition' };
  if (!isRecord(given.expected)) return { id, reason: 'no-expectation' };
  const one: Case = {
    ...given,
    id,
    kind,
    level,
    definition: isRecord(definition) ? definition : {},
    ...(text !== undefined && { definitionText: text }),
    expected: given.expected,
    type: given.type === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
    features: Array.isArray(given.features) ? given.features : [],
    input: given.input,
    inputRaw: inputText(given),
    testStateArgs: isRecord(given.testStateArgs) ? given.testStateArgs : null,
    history: listOf<HistoryRecord>(given.history),
    mocks: listOf<Mock>(given.mocks),
    s3: Array.isArray(given.s3) ? given.s3 : null,
    lambdas: isRecord(given.lambdas) ? given.lambdas : null,
    captureTimeInput: given.captureTimeInput === true,
    replacements: Array.isArray(given.replacements) ? given.replacements : null,
    jsonpathReplacements: Array.isArray(given.jsonpathReplacements) ? given.jsonpathReplacements : null,
  };
  const reason = whyNotJudged(one);
  return reason === undefined ? one : { id, reason };
}

export const isNotJudged = (one: Case | NotJudged): one is NotJudged => 'reason' in one;

const ENDS = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']);

function whyNotJudged(one: Case): string | undefined {
  if (one.kind !== 'execution') return undefined;
  if (!ENDS.has(String(one.expected.status))) return 'recorded-before-the-end';
  if (one.level === 'interactive' && !one.history?.some(({ type }) => type === 'ExecutionAborted')) {
    return 'interactive';
  }
  // An Express execution has no history to take the answers from; what a function was written to do may stand in.
  const written = Object.values(one.lambdas ?? {}).every(({ behaviour }) => behaviour !== 'custom');
  if (one.level === 'unmockable' && !(written && Object.keys(one.lambdas ?? {}).length > 0)) {
    return 'answers-not-recorded';
  }
  return undefined;
}

function inputText({ inputRaw, input }: { readonly inputRaw?: unknown; readonly input?: unknown }): string | null {
  if (typeof inputRaw === 'string') return inputRaw;
  return input === undefined || input === null ? null : JSON.stringify(input);
}

function parsedObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The objects of a list, taken for what the schema says they are. */
const listOf = <T>(value: unknown): readonly T[] | null =>
  Array.isArray(value) ? (value.filter((item) => isRecord(item)) as readonly unknown[] as readonly T[]) : null;

const isRecord = (value: unknown): value is Record<string, never> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How one case went: what differs from the recording, in the outcome (and the parameters sent) and in the history. */
export interface Verdict {
  readonly outcome: string | undefined;
  readonly history: string | undefined;
  readonly actual: unknown;
}

/** Definitions are sent as the recorder did, in ASCII. */
export const definitionText = (one: Case): string =>
  one.definitionText ??
  JSON.stringify(one.definition).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** What AWS answered instead of a result; undefined when it gave one. */
export function messageOf(expected: Case['expected']): string | undefined {
  const response = expected.response as { Error?: { Message: string }; exception_value?: string } | undefined;
  return response?.Error?.Message ?? response?.exception_value?.replace(/^An error occurred .*? operation: /, '');
}
