import { AwsError } from '../aws-error.ts';
import { type JsonNode, nodeAt, parseJsonNode, parseJsonPath } from './json-node.ts';

/** How a target wants its events. At most one of the three. */
export interface InputSettings {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

/** What the predefined variables of a template stand for. */
export interface InputContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** ISO 8601, seconds. */
  readonly ingestionTime: string;
}

const PREDEFINED = [
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
] as const;

const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g;
const MOST_PATHS = 100;

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** Throws ValidationException, as PutTargets does. */
export function validateInputSettings(targetId: string, { Input, InputPath, InputTransformer }: InputSettings): void {
  const given = [Input, InputPath, InputTransformer].filter((setting) => setting !== undefined);
  if (given.length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${targetId}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw invalid(`JSON syntax error in input for target ${targetId}`);
  if (InputPath !== undefined && !parseJsonPath(InputPath)) {
    throw invalid(`Parameter InputPath for target ${targetId} is not valid. Reason: Invalid JSON path ${InputPath}.`);
  }
  if (!InputTransformer) return;
  const paths = InputTransformer.InputPathsMap ?? {};
  if (Object.keys(paths).length > MOST_PATHS) {
    throw invalid(`InputPathsMap for target ${targetId} has more than ${MOST_PATHS} paths.`);
  }
  for (const [name, path] of Object.entries(paths)) {
    if (name.toLowerCase().startsWith('aws')) {
      throw invalid(`InputPathsMap for target ${targetId} contains a reserved key ${name}.`);
    }
    if (!parseJsonPath(path)) throw invalid(`InputPathsMap for target ${targetId} contains an invalid path ${path}.`);
  }
  for (const [, name = ''] of InputTransformer.InputTemplate.matchAll(PLACEHOLDER)) {
    if (!Object.hasOwn(paths, name) && !PREDEFINED.some((known) => known === name)) {
      throw invalid(`InputTemplate for target ${targetId} contains invalid placeholder ${name}.`);
    }
  }
}

/**
 * What is sent to the target for an event (JSON text). Undefined when the template gives no JSON: EventBridge delivers nothing then.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function targetInput(settings: InputSettings, eventText: string, context: InputContext): string | undefined {
  if (settings.Input !== undefined) return settings.Input;
  if (settings.InputPath !== undefined) {
    return nodeAt(parseJsonNode(eventText), parseJsonPath(settings.InputPath) ?? [])?.raw ?? '{}';
  }
  if (settings.InputTransformer) return transform(settings.InputTransformer, parseJsonNode(eventText), context);
  return eventText;
}

function transform(
  { InputPathsMap = {}, InputTemplate }: NonNullable<InputSettings['InputTransformer']>,
  event: JsonNode,
  context: InputContext,
): string | undefined {
  const template = InputTemplate.trim();
  const isJsonTemplate = template.startsWith('{') || template.startsWith('[');
  const valueFor = (name: string): JsonNode => {
    const path = Object.hasOwn(InputPathsMap, name) ? InputPathsMap[name] : undefined;
    const found = path === undefined ? predefined(name, event, context) : nodeAt(event, parseJsonPath(path) ?? []);
    return found ?? { kind: 'string', raw: '""', text: '' };
  };
  const insideQuotes = ({ kind, raw }: JsonNode): string => {
    if (kind === 'string') return raw.slice(1, -1);
    // A text takes structures without their quotes; in a JSON template the quotes stay and break the JSON.
    return isJsonTemplate ? raw : raw.replaceAll('"', '');
  };

  let result = '';
  let quoted = false;
  let at = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const before = template.slice(at, match.index);
    result += before;
    quoted = endsInsideQuotes(before, quoted);
    const value = valueFor(match[1] as string);
    result += quoted ? insideQuotes(value) : value.raw;
    at = match.index + match[0].length;
  }
  result += template.slice(at);
  return isJsonTemplate && !isJson(result) ? undefined : result;
}

function endsInsideQuotes(text: string, quotedBefore: boolean): boolean {
  let quoted = quotedBefore;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') quoted = !quoted;
  }
  return quoted;
}

function predefined(name: string, event: JsonNode, context: InputContext): JsonNode | undefined {
  switch (name as (typeof PREDEFINED)[number]) {
    case 'aws.events.rule-arn':
      return stringNode(context.ruleArn);
    case 'aws.events.rule-name':
      return stringNode(context.ruleName);
    case 'aws.events.event.ingestion-time':
      return stringNode(context.ingestionTime);
    case 'aws.events.event.json':
      return event;
    case 'aws.events.event': {
      const members = ['id', 'account', 'detail-type', 'time', 'source', 'region', 'resources', 'version'].map(
        (key) => `"${key === 'detail-type' ? 'detailType' : key}":${event.members?.get(key)?.raw ?? '""'}`,
      );
      const raw = `{${members.join(',')}}`;
      return { kind: 'object', raw, text: raw };
    }
    default:
      return undefined;
  }
}

const stringNode = (text: string): JsonNode => ({ kind: 'string', raw: JSON.stringify(text), text });

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
