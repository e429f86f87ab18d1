import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { Call, JsonObject, RestRequest, RestResponse } from '../service.ts';
import type { FunctionReference, Functions } from './functions.ts';
import { readBody } from './read-body.ts';

/** One operation of the Lambda API. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** `names` are what the path's groups stand for, decoded. */
  readonly answer: (request: RestRequest, call: Call, ...names: string[]) => RestResponse | Promise<RestResponse>;
}

export const json = (body: unknown, statusCode = 200): RestResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const NO_CONTENT: RestResponse = { statusCode: 204 };

export const clientError = (code: string, message: string, statusCode = 400): AwsError =>
  new AwsError(code, message, statusCode, { Type: 'User' });

export const notFound = (message: string): AwsError => clientError('ResourceNotFoundException', message, 404);

export function pageOf<T>(items: readonly T[], { query }: RestRequest) {
  const marker = query.get('Marker') ?? '0';
  if (!/^\d{1,15}$/.test(marker)) throw clientError('InvalidParameterValueException', 'Invalid Marker');
  const from = Number(marker);
  const to = from + pageSize(query.get('MaxItems'));
  return { items: items.slice(from, to), next: to < items.length ? { NextMarker: String(to) } : {} };
}

/** Lambda answers with 50 at most, whatever is asked for. */
const MOST_ITEMS = 50;

function pageSize(text: string | null): number {
  if (text === null) return MOST_ITEMS;
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 10_000) return Number(text);
  throw clientError(
    'ValidationException',
    `1 validation error detected: Value '${text}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 10000`,
  );
}

/** The members of a request's body. Throws InvalidRequestContentException, NotImplemented for a member that is not in `known`. */
export async function readMembers(request: RestRequest, known: readonly string[]): Promise<JsonObject> {
  const body = await readBody(request);
  const members = parseObject(body.length === 0 ? '{}' : body.toString('utf8'));
  const unknown = Object.keys(members).find((member) => members[member] !== null && !known.includes(member));
  if (unknown !== undefined) throw notImplemented(`${unknown} of ${request.method} ${request.rawPath}`);
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw clientError('InvalidRequestContentException', 'Could not parse request body into json: it is not JSON.');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw clientError('InvalidRequestContentException', 'Could not parse request body into json: an object is needed.');
}

/** Throws PreconditionFailedException when the caller has seen another revision than the one that is there. */
export function checkRevision(given: unknown, revisionId: string): void {
  if (given === undefined || given === revisionId) return;
  throw clientError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    412,
  );
}

/** The function that a path names, with its qualifier if it has one, once the caller was found to be allowed to do this to it. */
export function permitted(
  functions: Functions,
  action: string,
  request: RestRequest,
  call: Call,
  name: string,
): FunctionReference {
  const reference = functions.reference(name, request.query.get('Qualifier') ?? undefined);
  if (reference.accountId !== call.accountId)
    throw notImplemented(`Account ${reference.accountId}, which is not here,`);
  authorize({
    call,
    action: `lambda:${action}`,
    resourceArn: functions.arnOf(reference.name),
    resourcePolicy: functions.policyOf(reference.name),
  });
  functions.require(reference.name);
  return reference;
}
