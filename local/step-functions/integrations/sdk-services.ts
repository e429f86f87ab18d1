import { notImplemented } from '../../aws-error.ts';
import type { JsonObject, OperationService, Principal, RestService, Services } from '../../service.ts';
import { isObject } from '../language/jsonpath.ts';
import { plainAnswer } from './answer.ts';
import { membersOf, readRestAnswer, restRequest } from './rest/call-rest-operation.ts';
import { LAMBDA_OPERATIONS } from './rest/lambda-operations.ts';
import type { RestOperation } from './rest/rest-operation.ts';
import { S3_OPERATIONS } from './rest/s3-operations.ts';

type SdkService =
  | { readonly protocol: 'operations'; readonly service: OperationService['name']; readonly camelCase?: true }
  | {
      readonly protocol: 'rest';
      readonly service: RestService['name'];
      readonly operations: Readonly<Record<string, RestOperation>>;
    };

/** `aws-sdk:NAME` → who does it here. */
const SDK_SERVICES: Readonly<Record<string, SdkService>> = {
  dynamodb: { protocol: 'operations', service: 'dynamodb' },
  eventbridge: { protocol: 'operations', service: 'events' },
  kms: { protocol: 'operations', service: 'kms' },
  lambda: { protocol: 'rest', service: 'lambda', operations: LAMBDA_OPERATIONS },
  s3: { protocol: 'rest', service: 's3', operations: S3_OPERATIONS },
  sagemaker: { protocol: 'operations', service: 'sagemaker' },
  sfn: { protocol: 'operations', service: 'states', camelCase: true },
  sqs: { protocol: 'operations', service: 'sqs' },
  sts: { protocol: 'operations', service: 'sts' },
};

export const SDK_SERVICE_NAMES: readonly string[] = Object.keys(SDK_SERVICES);

/** The REST operations that a task can ask for, `SERVICE:action`. */
export const SDK_REST_ACTIONS: readonly string[] = Object.entries(SDK_SERVICES).flatMap(([name, sdk]) =>
  sdk.protocol === 'rest' ? Object.keys(sdk.operations).map((operation) => `${name}:${camel(operation)}`) : [],
);

/** Whether the action of `aws-sdk:NAME:action` is done here. */
export function supportsSdkAction(services: Pick<Services, 'hasOperation'>, name: string, action: string): boolean {
  const sdk = serviceOf(name);
  if (!sdk) return false;
  const operation = pascal(action);
  return sdk.protocol === 'rest'
    ? Object.hasOwn(sdk.operations, operation)
    : services.hasOperation(sdk.service, operation);
}

/**
 * Asks a service as `aws-sdk:NAME:action` does: members in PascalCase whatever the API's own spelling is, times as ISO 8601, streams as
 * text. Throws AwsError.
 */
export async function callSdkAction(
  services: Services,
  name: string,
  action: string,
  parameters: unknown,
  principal: Principal,
): Promise<unknown> {
  const sdk = serviceOf(name);
  const operation = pascal(action);
  if (!sdk) throw notImplemented(`aws-sdk:${name}:${action}`);
  const input = isObject(parameters) ? parameters : {};
  if (sdk.protocol === 'operations') {
    const answer = await services.callOperation(
      sdk.service,
      operation,
      sdk.camelCase ? (toApi(input) as JsonObject) : input,
      principal,
    );
    return plainAnswer(sdk.camelCase ? renamed(answer, pascal) : answer);
  }
  const model = Object.hasOwn(sdk.operations, operation) ? sdk.operations[operation] : undefined;
  if (!model) throw notImplemented(`aws-sdk:${name}:${action}`);
  const known = membersOf(model);
  const unknown = Object.keys(input).find((member) => !known.includes(member));
  if (unknown !== undefined) throw notImplemented(`aws-sdk:${name}:${action} with ${unknown}`);
  return plainAnswer(
    await readRestAnswer(model, await services.callRest(sdk.service, restRequest(model, input), principal)),
  );
}

const serviceOf = (name: string): SdkService | undefined =>
  Object.hasOwn(SDK_SERVICES, name) ? SDK_SERVICES[name] : undefined;

function pascal(name: string): string {
  return `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
}

function camel(name: string): string {
  return `${name[0]?.toLowerCase() ?? ''}${name.slice(1)}`;
}

/** Members of the Step Functions API that are JSON as text: what is given as JSON becomes its text. */
const JSON_TEXT = ['input', 'output', 'definition'];

function toApi(input: unknown): unknown {
  const small = renamed(input, camel);
  if (!isObject(small) || !isObject(input)) return small;
  return Object.fromEntries(
    Object.entries(small).map(([name, value]) => {
      const given = input[pascal(name)] ?? input[name];
      return [name, JSON_TEXT.includes(name) && typeof given !== 'string' ? JSON.stringify(given) : value];
    }),
  );
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value) || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), renamed(item, rename)]));
}
