import { parseArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';

/** 1 to 80 characters, none of them white space, control, `<>{}[]?*"#%\^|~`$&,;:/`. https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the API forbids them by range.
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

export function checkName(name: string): void {
  if (name.length < 1 || name.length > 80 || FORBIDDEN.test(name))
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

/** The ARN's last part after `kind:`. Throws InvalidArn. */
export function checkArn(arn: string, kind: 'stateMachine' | 'execution' | 'activity'): string {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'states' || !parsed.resource.startsWith(`${kind}:`)) {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  }
  return parsed.resource.slice(kind.length + 1);
}

/** A place in a list, as an opaque token. */
export const pageToken = (at: number): string => Buffer.from(`sluice:${at}`).toString('base64');

export function readPageToken(token: unknown): number | undefined {
  if (token === undefined || token === null) return undefined;
  const text = Buffer.from(String(token), 'base64').toString();
  const at = /^sluice:(\d+)$/.exec(text)?.[1];
  if (at === undefined) throw new AwsError('InvalidToken', `Invalid Token: 'Invalid token'`);
  return Number(at);
}
