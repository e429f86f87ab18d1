/**
 * The condition keys that are given here whenever AWS would give them: where one of these is absent, AWS would say so too.
 * Any other key cannot be judged, and a statement that hangs on it allows nothing.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const GLOBAL = lowerCase([
  'aws:CalledVia',
  'aws:CalledViaFirst',
  'aws:CalledViaLast',
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:MultiFactorAuthAge',
  'aws:MultiFactorAuthPresent',
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:PrincipalIsAWSService',
  'aws:PrincipalServiceName',
  'aws:PrincipalType',
  'aws:RequestedRegion',
  'aws:ResourceAccount',
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'aws:SourceIdentity',
  'aws:SourceIp',
  'aws:TokenIssueTime',
  'aws:UserAgent',
  'aws:userid',
  'aws:username',
  'aws:ViaAWSService',
]);

const OF_SERVICE: Readonly<Record<string, ReadonlySet<string>>> = {
  dynamodb: lowerCase(['dynamodb:EnclosingOperation', 'dynamodb:LeadingKeys']),
  events: lowerCase(['events:detail-type', 'events:source', 'events:TargetArn']),
  iam: lowerCase(['iam:PassedToService']),
  kms: lowerCase([
    'kms:CallerAccount',
    'kms:EncryptionContextKeys',
    'kms:KeySpec',
    'kms:KeyUsage',
    'kms:MessageType',
    'kms:RequestAlias',
    'kms:ResourceAliases',
    'kms:SigningAlgorithm',
    'kms:ViaService',
  ]),
  lambda: lowerCase(['lambda:FunctionUrlAuthType', 'lambda:InvokedViaFunctionUrl']),
  logs: lowerCase([]),
  s3: lowerCase([
    's3:delimiter',
    's3:if-match',
    's3:if-none-match',
    's3:max-keys',
    's3:object-lock-legal-hold',
    's3:object-lock-mode',
    's3:object-lock-remaining-retention-days',
    's3:object-lock-retain-until-date',
    's3:prefix',
    's3:RequestObjectTagKeys',
    's3:VersionId',
    's3:x-amz-acl',
    's3:x-amz-content-sha256',
    's3:x-amz-copy-source',
    's3:x-amz-metadata-directive',
    's3:x-amz-server-side-encryption',
    's3:x-amz-server-side-encryption-aws-kms-key-id',
    's3:x-amz-storage-class',
  ]),
  sqs: lowerCase([]),
  states: lowerCase(['states:StateMachineQualifier']),
  sts: lowerCase([
    'aws:TagKeys',
    'sts:DurationSeconds',
    'sts:ExternalId',
    'sts:RoleSessionName',
    'sts:SourceIdentity',
    'sts:TransitiveTagKeys',
  ]),
};

/** Keys that end in a name of the caller's choice. */
const FAMILIES: readonly (readonly [service: string, prefix: string])[] = [
  ['*', 'aws:principaltag/'],
  ['sts', 'aws:requesttag/'],
  ['kms', 'kms:encryptioncontext:'],
  ['s3', 's3:requestobjecttag/'],
];

/** Whether the absence of a key, in lower case, means something for an action. */
export function isKnownConditionKey(key: string, action: string): boolean {
  if (GLOBAL.has(key)) return true;
  // The key of a Query stands in an expression, and is not taken out of it.
  if (key === 'dynamodb:leadingkeys' && action === 'dynamodb:Query') return false;
  const service = action.slice(0, action.indexOf(':'));
  if (OF_SERVICE[service]?.has(key)) return true;
  return FAMILIES.some(([of, prefix]) => (of === '*' || of === service) && key.startsWith(prefix));
}

function lowerCase(keys: readonly string[]): ReadonlySet<string> {
  return new Set(keys.map((key) => key.toLowerCase()));
}
