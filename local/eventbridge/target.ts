import { parseArn } from '../arn.ts';
import { AwsError, notImplemented } from '../aws-error.ts';
import { shown, structureOf, textsOf } from '../operation-input.ts';
import type { JsonObject } from '../service.ts';
import { type InputSettings, validateInputSettings } from './target-input.ts';

/** What a target adds to the request to an API destination. */
export interface HttpParameters {
  readonly PathParameterValues?: readonly string[];
  readonly HeaderParameters?: Readonly<Record<string, string>>;
  readonly QueryStringParameters?: Readonly<Record<string, string>>;
}

/** A target as PutTargets gives it, checked. */
export interface Target extends InputSettings {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly HttpParameters?: HttpParameters;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
}

export type TargetKind = 'lambda' | 'states' | 'sqs' | 'events' | 'api-destination';

const MEMBERS = [
  'Id',
  'Arn',
  'RoleArn',
  'Input',
  'InputPath',
  'InputTransformer',
  'HttpParameters',
  'DeadLetterConfig',
  'RetryPolicy',
];
const MOST_RETRY_ATTEMPTS = 185;
const SHORTEST_AGE_SECONDS = 60;
const LONGEST_AGE_SECONDS = 86_400;

/** Throws ValidationException for what AWS refuses, NotImplemented for what is not done here. */
export function readTarget(value: unknown): Target {
  if (typeof value !== 'object' || value === null) throw invalid('A target must be an object.');
  const target = value as JsonObject;
  for (const name of Object.keys(target)) {
    if (!MEMBERS.includes(name) && target[name] !== undefined) throw notImplemented(`A rule target with ${name}`);
  }
  const { Id, Arn } = target;
  if (typeof Id !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(Id)) {
    throw invalid(
      `Value '${shown(Id)}' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
    );
  }
  if (typeof Arn !== 'string' || !parseArn(Arn)) {
    throw invalid(`Parameter ${shown(Arn)} is not valid. Reason: Provided Arn is not in correct format.`);
  }
  checkShape(target);
  const checked = target as unknown as Target;
  const kind = kindOfTarget(Arn);
  if ((kind === 'states' || kind === 'api-destination') && !checked.RoleArn) {
    throw invalid(`RoleArn is required for target ${Arn}.`);
  }
  if (checked.HttpParameters !== undefined && kind !== 'api-destination') {
    throw invalid(`HttpParameters are not supported for target ${Arn}.`);
  }
  validateInputSettings(Id, checked);
  checkRetryPolicy(checked);
  const deadLetterArn = checked.DeadLetterConfig?.Arn;
  if (deadLetterArn !== undefined && parseArn(deadLetterArn)?.service !== 'sqs') {
    throw invalid(`Parameter DeadLetterConfig.Arn for target ${Id} is not valid: ${deadLetterArn} is no SQS queue.`);
  }
  return checked;
}

/** The types of what is read later. Throws SerializationException. */
function checkShape(target: JsonObject): void {
  const { InputTransformer, HttpParameters, DeadLetterConfig, RetryPolicy } = target;
  requireTexts(target, ['RoleArn', 'Input', 'InputPath']);
  if (InputTransformer !== undefined) {
    const { InputPathsMap, InputTemplate } = structureOf(InputTransformer, 'InputTransformer');
    requireTexts({ InputTemplate: InputTemplate ?? null }, ['InputTemplate']);
    requireTextMap(InputPathsMap, 'InputPathsMap');
  }
  if (HttpParameters !== undefined) {
    const parameters = structureOf(HttpParameters, 'HttpParameters');
    textsOf(parameters.PathParameterValues, 'PathParameterValues');
    requireTextMap(parameters.HeaderParameters, 'HeaderParameters');
    requireTextMap(parameters.QueryStringParameters, 'QueryStringParameters');
  }
  if (DeadLetterConfig !== undefined) requireTexts(structureOf(DeadLetterConfig, 'DeadLetterConfig'), ['Arn']);
  if (RetryPolicy !== undefined) structureOf(RetryPolicy, 'RetryPolicy');
}

function requireTextMap(value: unknown, name: string): void {
  if (value === undefined) return;
  const map = structureOf(value, name);
  requireTexts(map, Object.keys(map));
}

function requireTexts(structure: JsonObject, names: readonly string[]): void {
  for (const name of names) {
    if (structure[name] === undefined || typeof structure[name] === 'string') continue;
    throw new AwsError('SerializationException', `The member ${name} is not a string.`);
  }
}

/** Which service the target belongs to. Throws NotImplemented for the ones that are not delivered to here. */
export function kindOfTarget(arn: string): TargetKind {
  const { service, resource } = parseArn(arn) ?? { service: '', resource: '' };
  if (service === 'lambda' && resource.startsWith('function:')) return 'lambda';
  if (service === 'states' && resource.startsWith('stateMachine:')) return 'states';
  if (service === 'events' && resource.startsWith('event-bus/')) return 'events';
  if (service === 'events' && resource.startsWith('api-destination/')) return 'api-destination';
  if (service === 'sqs' && !resource.endsWith('.fifo')) return 'sqs';
  throw notImplemented(`A rule target such as ${arn}`);
}

function checkRetryPolicy({ Id, RetryPolicy }: Target): void {
  const { MaximumRetryAttempts: attempts = 0, MaximumEventAgeInSeconds: age = LONGEST_AGE_SECONDS } = RetryPolicy ?? {};
  if (!Number.isInteger(attempts) || attempts < 0 || attempts > MOST_RETRY_ATTEMPTS) {
    throw invalid(`RetryPolicy.MaximumRetryAttempts of target ${Id} must be between 0 and ${MOST_RETRY_ATTEMPTS}.`);
  }
  if (!Number.isInteger(age) || age < SHORTEST_AGE_SECONDS || age > LONGEST_AGE_SECONDS) {
    throw invalid(
      `RetryPolicy.MaximumEventAgeInSeconds of target ${Id} must be between ${SHORTEST_AGE_SECONDS} and ${LONGEST_AGE_SECONDS}.`,
    );
  }
}

export const retryLimits = ({ RetryPolicy }: Target): { attempts: number; ageMs: number } => ({
  attempts: RetryPolicy?.MaximumRetryAttempts ?? MOST_RETRY_ATTEMPTS,
  ageMs: (RetryPolicy?.MaximumEventAgeInSeconds ?? LONGEST_AGE_SECONDS) * 1000,
});

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
