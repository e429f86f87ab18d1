import { XMLValidator } from 'fast-xml-parser';
import type { FuzzCase, Shape } from './fuzz-case.ts';
import type { WireAnswer } from './wire.ts';

/** What JavaScript, SQLite or a forgotten conversion say; never AWS. */
const NOT_AWS =
  /\[object \w+\]|Cannot (?:read|set|convert|mix|destructure)|is not (?:iterable|a function)|SQLITE|sqlite|ERR_[A-Z]{3}|at file:\/\/|node:internal|is not valid JSON|in JSON at position|Maximum call stack|Invalid (?:array|string|typed)/;

/** Of a request that could not be read, whatever it was meant to be: S3's form, as AWS's front end has it. */
const HTTP_STATUSES = new Set([400, 403, 404, 405, 408, 411, 413, 414, 417, 431]);

interface AwsErrorAnswer {
  readonly code: string;
  readonly message: string;
}

const tag = (text: string, name: string): string | undefined =>
  new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(text)?.[1];

function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What clients of a protocol look for in an error; undefined where they would find nothing. */
function errorOf(shape: Shape, { headers, body }: WireAnswer): AwsErrorAnswer | undefined {
  const text = body.toString('utf8');
  switch (shape) {
    case 's3': {
      const code = /<Error>/.test(text) && XMLValidator.validate(text) === true ? tag(text, 'Code') : undefined;
      return code === undefined ? undefined : { code, message: tag(text, 'Message') ?? '' };
    }
    case 'query': {
      const isWhole = /^<ErrorResponse/.test(text) && XMLValidator.validate(text) === true && tag(text, 'RequestId');
      const code = isWhole ? tag(text, 'Code') : undefined;
      return code === undefined ? undefined : { code, message: tag(text, 'Message') ?? '' };
    }
    case 'lambda': {
      const value = jsonOf(text);
      const code = headers['x-amzn-errortype'];
      return value && code ? { code, message: String(value.Message ?? value.message ?? '') } : undefined;
    }
    case 'json': {
      const value = jsonOf(text);
      if (typeof value?.__type !== 'string') return undefined;
      return { code: value.__type.replace(/^.*#/, ''), message: String(value.message ?? value.Message ?? '') };
    }
    case 'http':
      return (
        errorOf('s3', { headers, body } as WireAnswer) ??
        errorOf('query', { headers, body } as WireAnswer) ??
        errorOf('json', { headers, body } as WireAnswer) ??
        errorOf('lambda', { headers, body } as WireAnswer)
      );
  }
}

export interface Judged {
  /** How the case is counted. */
  readonly outcome: string;
  readonly findings: readonly string[];
}

/** Whether an answer is one that AWS could have given. */
export function judge(one: FuzzCase, answer: WireAnswer): Judged {
  const { statusCode } = answer;
  if (answer.ended === 'timed-out') {
    return one.mayWait
      ? { outcome: 'waits', findings: [] }
      : { outcome: 'silence', findings: ['there was no answer in time'] };
  }
  if (answer.ended !== 'answered') {
    const outcome = answer.ended === 'closed' ? 'closed' : 'half an answer';
    const isRight = one.mayBeCut && answer.ended === 'closed';
    return { outcome, findings: isRight ? [] : [`the connection was closed: ${outcome}`] };
  }
  const findings: string[] = [];
  const seen = `${statusCode} ${answer.body.toString('utf8').slice(0, 600)}`;
  if (Object.keys(answer.headers).some((name) => name.startsWith('access-control-')))
    findings.push(`it gives CORS: ${seen}`);
  // A function answers what it likes, and one that answers nothing that can be sent is a 502 on AWS as well.
  if (one.isFunctionUrl && (statusCode < 500 || statusCode === 502)) return { outcome: `${statusCode}`, findings };
  if (statusCode < 400) {
    if (one.mustBeRefused) findings.push(`a wrong signature was let in: ${seen}`);
    const text = answer.body.toString('utf8');
    const type = answer.headers['content-type'] ?? '';
    if (type.includes('json') && text !== '' && one.shape !== 's3' && !isJson(text)) findings.push(`not JSON: ${seen}`);
    if (text.startsWith('<?xml') && type === 'application/xml' && XMLValidator.validate(text) !== true)
      findings.push(`not XML: ${seen}`);
    return { outcome: `${statusCode}`, findings };
  }
  // Of HEAD there is never a body, and the status says all.
  const isBare = one.method === 'HEAD' && answer.body.length === 0;
  const error = isBare
    ? undefined
    : (errorOf(one.shape, answer) ?? (HTTP_STATUSES.has(statusCode) ? errorOf('http', answer) : undefined));
  if (!isBare && !error) findings.push(`an error in no form of AWS's: ${seen}`);
  if (error && !/^[A-Za-z][\w.]+$/.test(error.code)) findings.push(`a code that is none: ${seen}`);
  if (error && NOT_AWS.test(error.message)) findings.push(`a message of the machinery: ${seen}`);
  if (statusCode >= 500) findings.push(`it failed: ${seen}`);
  return { outcome: `${statusCode} ${error?.code ?? ''}`.trim(), findings };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
