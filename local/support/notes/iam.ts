import type { ServiceNotes } from '../service-notes.ts';

export const iamNotes: ServiceNotes = {
  service: 'iam',
  title: 'IAM and STS',
  typePrefixes: ['AWS::IAM::'],
  does: [
    'Requests are signed (Signature Version 4, in headers or a presigned URL) with the key of an account’s administrator or of a role session, within 15 minutes of the runtime’s clock or the time that the URL is good for.',
    'Every call is judged by AWS’s evaluation logic: identity policies (inline and customer-managed), permissions boundaries, session policies, resource policies (buckets, queues, buses, functions, keys) and role trust policies, within an account and across two; an explicit Deny anywhere decides. The account’s administrator may do everything in its own account.',
    '`Principal`, `Action`, `NotAction`, `Resource`, `NotResource`, `Condition` with every operator of IAM, `…IfExists`, `ForAnyValue:`, `ForAllValues:`, `Null`, and policy variables (never as wildcards; in policies of version 2012-10-17).',
    'A key and a role are closed to their own account too, until their policy opens them. Functions, rules, state machines and stream mappings act with their own roles, whose trust policies must let the service in; S3, DynamoDB and SQS use a key in their caller’s name (`kms:ViaService`).',
    '`iam:PassRole` is asked of who gives a role to a state machine or a rule by the API.',
    'A refusal says what AWS says, and the local log has one line with what CloudTrail would record, and the statement that denied or the one that is missing.',
    'A condition key that is not known here allows nothing and denies all, and the log names it.',
    'AssumeRole with session policies, tags, a source identity and an external id.',
  ],
  withoutEffect: [
    { type: 'AWS::IAM::Role', properties: ['Description'], as: 'kept' },
    { type: 'AWS::IAM::ManagedPolicy', properties: ['Description'], as: 'dropped' },
  ],
  refusedOperations: [
    'AssumeRoleWithWebIdentity',
    'GetSessionToken',
    'GetFederationToken',
    'CreateRole',
    'PutRolePolicy',
  ],
  refused: [
    'Making and changing roles and policies by the API: they come from templates.',
    'Policies that AWS manages (`arn:aws:iam::aws:policy/…`).',
    '`NotPrincipal`, and principals other than `AWS` and `Service` (`Federated`, `CanonicalUser`).',
    'AssumeRole with MFA, transitive tags or provided contexts (answered with ValidationError, so that nothing that would change a session is lost in silence).',
  ],
  differs: [
    '`aws:SecureTransport` is always true: nothing leaves the loopback interface.',
    'Condition keys that are not known: `aws:SourceVpc`, `aws:SourceVpce`, `aws:PrincipalOrgID`, `aws:ResourceTag/…`, `aws:RequestTag/…` but of AssumeRole, `dynamodb:LeadingKeys` of a Query, and what `local/iam/condition-keys.ts` does not list.',
    'SimulatePrincipalPolicy takes the resource’s policy from the request alone, as on AWS; `sluice iam can` brings it.',
  ],
};
