import { AwsError } from '../aws-error.ts';
import type { JsonObject } from '../service.ts';
import { content, escapeXml } from './xml.ts';

/** https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export interface QueryRequest {
  readonly action: string;
  readonly input: JsonObject;
}

/** How a service's members stand in the protocol, where it is not the protocol's own way. */
export interface QueryForm {
  /** `rawPath` is that of the request. */
  read(action: string, input: JsonObject, rawPath: string): JsonObject;
  /** What stands in the result; undefined where the operation has none. */
  write(action: string, output: JsonObject): string | undefined;
}

/** Reads `Action=…&Tags.member.1.Key=…`: dots nest, and an object whose keys are `member.N` is a list. */
export function readQueryRequest(body: string): QueryRequest {
  const parameters = new URLSearchParams(body);
  const action = parameters.get('Action');
  if (!action) throw new AwsError('MissingAction', 'The request must contain the parameter Action.');
  const tree: Branch = new Map();
  for (const [name, value] of parameters) {
    if (name !== 'Action' && name !== 'Version') plant(tree, name.split('.'), value);
  }
  return { action, input: toJson(tree) as JsonObject };
}

type Branch = Map<string, Branch | string>;
const MOST_LEVELS = 16;

function plant(tree: Branch, path: readonly string[], value: string): void {
  if (path.length > MOST_LEVELS)
    throw new AwsError('MalformedQueryString', `The parameter ${path[0]} is nested too deep.`);
  let branch = tree;
  for (const step of path.slice(0, -1)) {
    const next = branch.get(step);
    if (next instanceof Map) branch = next;
    else {
      const made: Branch = new Map();
      branch.set(step, made);
      branch = made;
    }
  }
  branch.set(path.at(-1) as string, value);
}

function toJson(branch: Branch): unknown {
  const members = branch.get('member');
  if (branch.size === 1 && members instanceof Map) {
    return [...members]
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, value]) => (value instanceof Map ? toJson(value) : value));
  }
  // fromEntries defines own properties, so a parameter named __proto__ is only a name.
  return Object.fromEntries([...branch].map(([key, value]) => [key, value instanceof Map ? toJson(value) : value]));
}

/** Objects nest, lists are `<member>`s. */
export const OWN_FORM: QueryForm = {
  read: (_action, input) => input,
  write: (_action, output) => content(output),
};

export function writeQueryResponse(
  action: string,
  xmlNamespace: string,
  result: string | undefined,
  requestId: string,
): string {
  const body = result === undefined ? '' : `<${action}Result>${result}</${action}Result>`;
  return `<${action}Response xmlns="${xmlNamespace}">${body}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
}

export function writeQueryError(
  error: Pick<AwsError, 'code' | 'message' | 'statusCode'>,
  xmlNamespace: string,
  requestId: string,
): string {
  const type = error.statusCode < 500 ? 'Sender' : 'Receiver';
  return `<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${type}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}
