import { parseArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';

/** No white space, control characters, wildcards, brackets or `"#%\^|~`$&,;:/`. https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the API forbids them by range.
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

/** Throws InvalidName. */
export function checkName(name: string): void {
  if (name.length < 1 || name.length > 80 || FORBIDDEN.test(name))
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

type ArnKind = 'stateMachine' | 'execution' | 'activity' | 'mapRun';

const invalidArn = (why: string): AwsError => new AwsError('InvalidArn', `Invalid Arn: '${why}'`);

/** The ARN's last part after `kind:`. Throws InvalidArn. */
export function checkArn(arn: string, kind: ArnKind): string {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'states') throw invalidArn(`Invalid ARN prefix: ${arn}`);
  const at = parsed.resource.indexOf(':');
  const type = at < 0 ? parsed.resource : parsed.resource.slice(0, at);
  if (type !== kind) throw invalidArn(`Resource type not valid in this context: ${type}`);
  if (parsed.resource.length === at + 1) throw invalidArn(`Invalid ARN prefix: ${arn}`);
  return parsed.resource.slice(at + 1);
}

/** What the ARN of a state machine names: the machine itself, or one of its versions, aliases or distributed Maps. */
export interface MachineReference {
  /** As it was given. */
  readonly given: string;
  /** Of the machine itself. */
  readonly arn: string;
  readonly version?: number;
  readonly alias?: string;
  readonly mapLabel?: string;
}

/** `…:stateMachine:NAME`, `…:NAME:3`, `…:NAME:PROD`, `…:NAME/LABEL`. Throws InvalidArn. */
export function readMachineArn(given: string): MachineReference {
  const rest = checkArn(given, 'stateMachine');
  const at = rest.search(/[:/]/);
  if (at < 0) return { given, arn: given };
  const arn = given.slice(0, given.length - (rest.length - at));
  const qualifier = rest.slice(at + 1);
  if (rest[at] === '/') return { given, arn, mapLabel: qualifier };
  return /^\d+$/.test(qualifier) ? { given, arn, version: Number(qualifier) } : { given, arn, alias: qualifier };
}

/** A place in a list, as an opaque token. */
export const pageToken = (at: number | string): string => Buffer.from(`sluice:${at}`).toString('base64');

const invalidToken = (): AwsError => new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");

export function readTextToken(token: unknown): string | undefined {
  if (token === undefined || token === null) return undefined;
  const text = Buffer.from(String(token), 'base64').toString();
  if (!text.startsWith('sluice:')) throw invalidToken();
  return text.slice('sluice:'.length);
}

export function readPageToken(token: unknown): number | undefined {
  const text = readTextToken(token);
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw invalidToken();
  return Number(text);
}
