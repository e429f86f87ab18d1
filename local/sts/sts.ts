import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { IssueRoleCredentials } from '../iam/credentials.ts';
import { requestTagContext } from '../iam/global-context.ts';
import type { ContextValues } from '../iam/request-context.ts';
import type { Role } from '../iam/roles.ts';
import { shown } from '../operation-input.ts';
import type { Call, JsonObject, OperationService } from '../service.ts';
import { type FindManagedPolicy, readSession, readTags } from './session.ts';

export interface StsDependencies {
  /** A role of any account of the runtime. */
  readonly findRole: (roleArn: string) => Role | undefined;
  /** A customer-managed policy of any account of the runtime. */
  readonly findManagedPolicy: FindManagedPolicy;
  readonly issueRoleCredentials: IssueRoleCredentials;
}

/** What AssumeRole takes; the rest (MFA, transitive tags, provided contexts) would change a session and must not be lost in silence. */
const ASSUME_ROLE_PARAMETERS = new Set([
  'DurationSeconds',
  'ExternalId',
  'Policy',
  'PolicyArns',
  'RoleArn',
  'RoleSessionName',
  'SourceIdentity',
  'Tags',
]);

const ONE_HOUR_SECONDS = 3600;

/** https://docs.aws.amazon.com/STS/latest/APIReference/ */
export function createSts({ findRole, findManagedPolicy, issueRoleCredentials }: StsDependencies): OperationService {
  function assumeRole(input: JsonObject, call: Call): JsonObject {
    for (const name of Object.keys(input)) {
      if (!ASSUME_ROLE_PARAMETERS.has(name)) throw invalid(`AssumeRole does not take ${name} in the local runtime`);
    }
    const roleArn = required(input, 'RoleArn');
    const sessionName = required(input, 'RoleSessionName');
    if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
      throw invalid(
        `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
      );
    }
    const accountId = parseArn(roleArn)?.accountId;
    if (!accountId) throw invalid(`${roleArn} is invalid`);

    // A role that is not there is refused as one that does not trust the caller: who asks learns nothing of the other account.
    const role = findRole(roleArn);
    const context = assumeRoleContext(input, sessionName);
    const judgeAlso = (action: string): void =>
      authorize({
        call: { ...call, accountId },
        action,
        resourceArn: roleArn,
        resourcePolicy: role?.trustPolicy,
        context,
      });
    authorize({
      call: { ...call, accountId },
      action: 'sts:AssumeRole',
      resourceArn: roleArn,
      resourcePolicy: role?.trustPolicy,
      context,
    });
    // Tagging a session and naming who is behind it are permissions of their own, both of who asks and of the role's trust.
    if (input.Tags !== undefined) judgeAlso('sts:TagSession');
    if (input.SourceIdentity !== undefined) judgeAlso('sts:SetSourceIdentity');
    if (!role)
      throw new AwsError(
        'AccessDenied',
        `User: ${call.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
        403,
      );

    const durationSeconds = duration(input, role, call);
    const session = readSession(input, call.access?.nowMs() ?? Date.now(), findManagedPolicy);
    const credentials = issueRoleCredentials({ accountId, roleArn, sessionName, durationSeconds, session });
    return {
      Credentials: {
        AccessKeyId: credentials.accessKeyId,
        SecretAccessKey: credentials.secretAccessKey,
        SessionToken: credentials.sessionToken,
        Expiration: credentials.expiration,
      },
      AssumedRoleUser: { AssumedRoleId: credentials.principal.userId, Arn: credentials.principal.arn },
      ...(session.sourceIdentity === undefined ? {} : { SourceIdentity: session.sourceIdentity }),
    };
  }

  return {
    name: 'sts',
    operations: {
      AssumeRole: assumeRole,
      GetCallerIdentity: (_input, { principal }) => ({
        UserId: principal.userId,
        Account: principal.accountId,
        Arn: principal.arn,
      }),
    },
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts */
function assumeRoleContext(input: JsonObject, sessionName: string): ContextValues {
  return {
    'sts:RoleSessionName': sessionName,
    'sts:DurationSeconds': String(input.DurationSeconds ?? ONE_HOUR_SECONDS),
    ...(typeof input.ExternalId === 'string' ? { 'sts:ExternalId': input.ExternalId } : {}),
    ...(typeof input.SourceIdentity === 'string' ? { 'sts:SourceIdentity': input.SourceIdentity } : {}),
    ...(input.Tags === undefined ? {} : requestTagContext(readTags(input.Tags))),
  };
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function duration(input: JsonObject, role: Role, call: Call): number {
  if (input.DurationSeconds === undefined) return ONE_HOUR_SECONDS;
  const seconds = Number(input.DurationSeconds);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
    throw invalid(
      `1 validation error detected: Value '${shown(input.DurationSeconds)}' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200`,
    );
  }
  if (call.principal.kind === 'assumed-role' && seconds > ONE_HOUR_SECONDS) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');
  }
  if (seconds > role.maxSessionDurationSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  return seconds;
}

function required(input: JsonObject, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(
    `1 validation error detected: Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`,
  );
}

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
