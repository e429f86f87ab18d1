import type { QueryLanguage } from '../asl.ts';
import { isExpression } from '../language/jsonata.ts';
import { isObject } from '../language/jsonpath.ts';
import { checkExpressions, checkTemplate, isJsonPath } from './check-values.ts';
import type { Issues } from './issue.ts';

const READER_ACTION = /^arn:[^:]+:states:[^:]*:[^:]*:s3:(getObject|listObjectsV2)$/;
const WRITER_ACTION = /^arn:[^:]+:states:[^:]*:[^:]*:s3:putObject$/;

const READER_FIELDS = ['Resource', 'Parameters', 'Arguments', 'ReaderConfig'];
const READER_CONFIG_FIELDS = [
  'InputType',
  'Transformation',
  'CSVHeaderLocation',
  'CSVHeaders',
  'CSVDelimiter',
  'MaxItems',
  'MaxItemsPath',
  'ItemsPointer',
  'ManifestType',
];
const BATCHER_FIELDS = [
  'BatchInput',
  'MaxItemsPerBatch',
  'MaxItemsPerBatchPath',
  'MaxInputBytesPerBatch',
  'MaxInputBytesPerBatchPath',
];

/** The fields that only a Map in DISTRIBUTED mode has. https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
export function checkMapRun(
  state: Record<string, unknown>,
  language: QueryLanguage,
  place: string,
  issues: Issues,
): void {
  const check = new FieldCheck(language, issues);
  const reader = check.object(state, 'ItemReader', READER_FIELDS, place);
  if (reader) checkReader(reader, `${place}/ItemReader`, check);
  const batcher = check.object(state, 'ItemBatcher', BATCHER_FIELDS, place);
  if (batcher) checkBatcher(batcher, `${place}/ItemBatcher`, check);
  const writer = check.object(state, 'ResultWriter', ['Resource', 'Parameters', 'Arguments', 'WriterConfig'], place);
  if (writer) checkWriter(writer, `${place}/ResultWriter`, check);
}

function checkReader(reader: Record<string, unknown>, at: string, check: FieldCheck): void {
  check.resource(reader, READER_ACTION, at);
  check.parameters(reader, at);
  const config = check.object(reader, 'ReaderConfig', READER_CONFIG_FIELDS, at);
  if (!config) {
    if (String(reader.Resource).endsWith(':getObject')) check.required('ReaderConfig', at);
    return;
  }
  const place = `${at}/ReaderConfig`;
  if (config.InputType === undefined && String(reader.Resource).endsWith(':getObject'))
    check.required('InputType', place);
  check.oneOf(config, 'InputType', ['CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST'], place);
  check.oneOf(config, 'Transformation', ['NONE', 'LOAD_AND_FLATTEN'], place);
  check.oneOf(config, 'CSVHeaderLocation', ['FIRST_ROW', 'GIVEN'], place);
  check.oneOf(config, 'CSVDelimiter', ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'], place);
  if (config.InputType === 'CSV' && config.CSVHeaderLocation === undefined) check.required('CSVHeaderLocation', place);
  if (config.CSVHeaderLocation === 'GIVEN' && !Array.isArray(config.CSVHeaders)) check.required('CSVHeaders', place);
  check.number(config, 'MaxItems', 0, place);
  const { ItemsPointer: pointer } = config;
  if (pointer !== undefined && (typeof pointer !== 'string' || !/^(\/|$)/.test(pointer)))
    check.issues.schema('Value is not a JSON Pointer', `${place}/ItemsPointer`);
}

function checkBatcher(batcher: Record<string, unknown>, at: string, check: FieldCheck): void {
  const limits = BATCHER_FIELDS.filter((name) => name !== 'BatchInput' && batcher[name] !== undefined);
  if (limits.length === 0)
    check.issues.schema("At least one of 'MaxItemsPerBatch', 'MaxInputBytesPerBatch' must be set", at);
  check.number(batcher, 'MaxItemsPerBatch', 1, at);
  check.number(batcher, 'MaxInputBytesPerBatch', 1, at);
  check.template(batcher.BatchInput, `${at}/BatchInput`);
}

function checkWriter(writer: Record<string, unknown>, at: string, check: FieldCheck): void {
  const config = check.object(writer, 'WriterConfig', ['Transformation', 'OutputType'], at);
  if (config) {
    check.oneOf(config, 'Transformation', ['NONE', 'COMPACT', 'FLATTEN'], `${at}/WriterConfig`);
    check.oneOf(config, 'OutputType', ['JSON', 'JSONL'], `${at}/WriterConfig`);
  }
  // Without a Resource the results are only shaped.
  if (writer.Resource === undefined && config) return;
  check.resource(writer, WRITER_ACTION, at);
  check.parameters(writer, at);
}

class FieldCheck {
  readonly issues: Issues;
  readonly #language: QueryLanguage;

  constructor(language: QueryLanguage, issues: Issues) {
    this.#language = language;
    this.issues = issues;
  }

  required(name: string, at: string): void {
    this.issues.schema(`These fields are required: [${name}]`, at);
  }

  object(
    holder: Record<string, unknown>,
    name: string,
    fields: readonly string[],
    at: string,
  ): Record<string, unknown> | undefined {
    const { [name]: value } = holder;
    if (value === undefined) return undefined;
    if (!isObject(value)) {
      this.issues.schema('Expected value of type Object', `${at}/${name}`);
      return undefined;
    }
    for (const field of Object.keys(value)) {
      if (!fields.includes(field)) this.issues.schema(`Field '${field}' is not supported`, `${at}/${name}`);
    }
    return value;
  }

  resource(holder: Record<string, unknown>, action: RegExp, at: string): void {
    const { Resource: resource } = holder;
    if (resource === undefined) this.required('Resource', at);
    else if (typeof resource !== 'string' || !action.test(resource)) {
      this.issues.schema(
        `The resource provided ${String(resource)} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
        `${at}/Resource`,
      );
    }
  }

  parameters(holder: Record<string, unknown>, at: string): void {
    const [name, other] = this.#language === 'JSONata' ? ['Arguments', 'Parameters'] : ['Parameters', 'Arguments'];
    if (holder[other!] !== undefined) {
      this.issues.schema(`The field '${other}' is not supported by the query language ${this.#language}`, at);
    }
    this.template(holder[name!], `${at}/${name}`);
  }

  template(value: unknown, at: string): void {
    if (this.#language === 'JSONata') checkExpressions(value, at, this.issues);
    else checkTemplate(value, at, this.issues);
  }

  oneOf(holder: Record<string, unknown>, name: string, values: readonly string[], at: string): void {
    const { [name]: value } = holder;
    if (value === undefined || values.includes(value as string)) return;
    this.issues.schema(`Value is not valid. Must be one of '${values.join("', '")}'`, `${at}/${name}`);
  }

  number(holder: Record<string, unknown>, name: string, least: number, at: string): void {
    const { [name]: value, [`${name}Path`]: path } = holder;
    if (path !== undefined) {
      if (this.#language === 'JSONata')
        this.issues.schema(`The field '${name}Path' is not supported by the query language JSONata`, at);
      else if (typeof path !== 'string' || !isJsonPath(path))
        this.issues.schema('Value is not a JSONPath', `${at}/${name}Path`);
    }
    if (value === undefined) return;
    if (this.#language === 'JSONata' && isExpression(value)) checkExpressions(value, `${at}/${name}`, this.issues);
    else if (typeof value !== 'number' || !Number.isInteger(value) || value < least)
      this.issues.schema(`Value is not an integer of at least ${least}`, `${at}/${name}`);
  }
}
