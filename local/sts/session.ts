import { AwsError } from '../aws-error.ts';
import type { NamedPolicy } from '../iam/identity.ts';
import { readPolicyDocument } from '../iam/policy-document.ts';
import type { JsonObject, PrincipalSession } from '../service.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LONGEST_POLICY = 2048;
const MOST_POLICY_ARNS = 10;
const MOST_TAGS = 50;

export type FindManagedPolicy = (policyArn: string) => NamedPolicy | undefined;

/** What AssumeRole asks to add to the role: session policies, tags, a source identity. Throws as AssumeRole does. */
export function readSession(input: JsonObject, nowMs: number, findManagedPolicy: FindManagedPolicy): PrincipalSession {
  const policies = [...inlinePolicy(input.Policy), ...managedPolicies(input.PolicyArns, findManagedPolicy)];
  const tags = readTags(input.Tags);
  const sourceIdentity = input.SourceIdentity;
  if (sourceIdentity !== undefined && !/^[\w+=,.@-]{2,64}$/.test(String(sourceIdentity))) {
    throw invalid(
      `1 validation error detected: Value '${String(sourceIdentity)}' at 'sourceIdentity' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
    );
  }
  return {
    issuedAtMs: nowMs,
    ...(policies.length > 0 ? { policies } : {}),
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity: String(sourceIdentity) }),
  };
}

function inlinePolicy(value: unknown): readonly NamedPolicy[] {
  if (value === undefined) return [];
  const text = String(value);
  if (text.length > LONGEST_POLICY) {
    throw new AwsError('PackedPolicyTooLarge', `The session policy is longer than ${LONGEST_POLICY} characters.`);
  }
  return [{ name: 'Policy of AssumeRole', document: readPolicyDocument(text, 'AssumeRole, Policy') }];
}

function managedPolicies(value: unknown, find: FindManagedPolicy): readonly NamedPolicy[] {
  if (value === undefined || value === '') return [];
  if (!Array.isArray(value) || value.length > MOST_POLICY_ARNS) {
    throw invalid(`PolicyArns must be a list of at most ${MOST_POLICY_ARNS}.`);
  }
  return value.map((entry: JsonObject) => {
    const arn = String(entry?.arn ?? '');
    const policy = find(arn);
    if (!policy) throw invalid(`PolicyArns: there is no policy ${arn} in the account of the role.`);
    return policy;
  });
}

export function readTags(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined || value === '') return {};
  if (!Array.isArray(value) || value.length > MOST_TAGS) throw invalid(`Tags must be a list of at most ${MOST_TAGS}.`);
  const tags = value.map((entry: JsonObject) => [String(entry?.Key ?? ''), String(entry?.Value ?? '')] as const);
  if (new Set(tags.map(([key]) => key.toLowerCase())).size < tags.length) {
    throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  return Object.fromEntries(tags);
}

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
