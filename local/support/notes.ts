/** Properties of a CloudFormation type, or members of a request, that are taken and change nothing. */
export interface WithoutEffect {
  /** A CloudFormation type. */
  readonly type: string;
  readonly properties: readonly string[];
  /** `shown`: describing the resource gives them back. `kept`: stored only. `dropped`: not even stored. */
  readonly as: 'shown' | 'kept' | 'dropped';
  readonly why?: string;
}

/** What of a service the code cannot say by itself. */
export interface ServiceNotes {
  /** As in an ARN and in `AccountServices`; also the section's place in the page. */
  readonly service: string;
  readonly title: string;
  /** `AWS::KMS::`: the types that belong to the section. */
  readonly typePrefixes: readonly string[];
  readonly does: readonly string[];
  readonly withoutEffect: readonly WithoutEffect[];
  /** Operations of the API that somebody may look for in vain. */
  readonly refusedOperations?: readonly string[];
  readonly refused: readonly string[];
  readonly differs: readonly string[];
}

export const NOTES: readonly ServiceNotes[] = [
  {
    service: 'iam',
    title: 'IAM and STS',
    typePrefixes: ['AWS::IAM::'],
    does: [
      'Requests are signed (Signature Version 4, in headers or a presigned URL) with the key of an account’s administrator or of a role session, within 15 minutes of the runtime’s clock or the time that the URL is good for.',
      'Resource policies (buckets, queues, buses, functions, keys), role trust policies and calls from one account to another are judged: `Principal`, `Action`, `NotAction`, `Resource`, `NotResource`, `Condition` with every operator of IAM, `…IfExists`, `ForAnyValue:`, `ForAllValues:`, `Null`, and policy variables.',
      'A key and a role are closed to their own account too, until their policy opens them.',
    ],
    withoutEffect: [
      {
        type: 'AWS::IAM::Role',
        properties: ['Policies', 'ManagedPolicyArns'],
        as: 'kept',
        why: 'identity policies are not judged yet: every identity is an administrator of its own account',
      },
      { type: 'AWS::IAM::Role', properties: ['PermissionsBoundary', 'Description', 'Tags'], as: 'kept' },
      { type: 'AWS::IAM::Policy', properties: ['PolicyDocument'], as: 'kept', why: 'as with a role’s own policies' },
      {
        type: 'AWS::IAM::ManagedPolicy',
        properties: ['PolicyDocument'],
        as: 'kept',
        why: 'as with a role’s own policies',
      },
      { type: 'AWS::IAM::ManagedPolicy', properties: ['Description'], as: 'dropped' },
    ],
    refusedOperations: ['AssumeRoleWithWebIdentity', 'GetSessionToken', 'GetFederationToken'],
    refused: [
      'The IAM API: roles and policies come from templates.',
      '`NotPrincipal`, and principals other than `AWS` and `Service` (`Federated`, `CanonicalUser`).',
      'AssumeRole with anything but `RoleArn`, `RoleSessionName`, `DurationSeconds` and `ExternalId` (answered with ValidationError, so that no session policy is lost in silence).',
    ],
    differs: [
      '`aws:SecureTransport` is always true: nothing leaves the loopback interface.',
      'Condition keys that a request does not have here: `aws:SourceIp`, `aws:SourceVpc`, `aws:SourceVpce`, `aws:PrincipalOrgID`, `aws:PrincipalTag/…`, `aws:RequestTag/…`, `kms:ViaService`.',
      '`iam:PassRole` is not asked for. A function, a state machine and a Task’s `Credentials` may only name a role of their own account; whether that role trusts the service is not checked.',
    ],
  },
  {
    service: 'kms',
    title: 'KMS',
    typePrefixes: ['AWS::KMS::'],
    does: [
      'Key specs `SYMMETRIC_DEFAULT` (AES-256-GCM, with encryption context) and `ECC_NIST_P256` (`ECDSA_SHA_256`, `RAW` and `DIGEST`).',
      'Deleting a stack leaves its keys pending deletion.',
    ],
    withoutEffect: [
      {
        type: 'AWS::KMS::Key',
        properties: ['EnableKeyRotation'],
        as: 'shown',
        why: 'the key material is not rotated; nothing would see a difference',
      },
      { type: 'AWS::KMS::Key', properties: ['Tags'], as: 'kept' },
      { type: 'AWS::KMS::Key', properties: ['RotationPeriodInDays', 'BypassPolicyLockoutSafetyCheck'], as: 'dropped' },
    ],
    refusedOperations: [
      'CreateKey',
      'ScheduleKeyDeletion',
      'CreateAlias',
      'PutKeyPolicy',
      'CreateGrant',
      'ReEncrypt',
      'GenerateMac',
      'GenerateDataKeyPair',
    ],
    refused: [
      'Making, changing and deleting keys and aliases by the API: they come from templates.',
      'Grants, `GrantTokens`, `DryRun`, multi-Region keys, imported material, other key specs.',
    ],
    differs: ['Ciphertexts have a form of their own: AWS cannot decrypt them, nor the runtime those of AWS.'],
  },
  {
    service: 'sqs',
    title: 'SQS',
    typePrefixes: ['AWS::SQS::'],
    does: ['Standard queues: long polling, visibility timeouts, delays, retention, redrive to a dead-letter queue.'],
    withoutEffect: [
      {
        type: 'AWS::SQS::Queue',
        properties: ['KmsMasterKeyId', 'SqsManagedSseEnabled'],
        as: 'shown',
        why: 'messages are not encrypted',
      },
      { type: 'AWS::SQS::Queue', properties: ['KmsDataKeyReusePeriodSeconds', 'Tags'], as: 'dropped' },
    ],
    refusedOperations: [
      'ChangeMessageVisibilityBatch',
      'DeleteQueue',
      'SetQueueAttributes',
      'TagQueue',
      'AddPermission',
      'StartMessageMoveTask',
    ],
    refused: ['FIFO queues.', '`RedriveAllowPolicy`.', 'The query protocol that old SDKs spoke: AWS JSON only.'],
    differs: ['CreateQueue takes `tags` and drops them.'],
  },
  {
    service: 'dynamodb',
    title: 'DynamoDB',
    typePrefixes: ['AWS::DynamoDB::'],
    does: [
      'Expressions (condition, filter, key condition, projection, update), transactions, batches, global and local secondary indexes, time to live, streams with all four view types.',
    ],
    withoutEffect: [
      { type: 'AWS::DynamoDB::Table', properties: ['ProvisionedThroughput'], as: 'shown', why: 'nothing is throttled' },
      { type: 'AWS::DynamoDB::Table', properties: ['SSESpecification'], as: 'shown', why: 'items are not encrypted' },
      {
        type: 'AWS::DynamoDB::Table',
        properties: ['PointInTimeRecoverySpecification'],
        as: 'shown',
        why: 'there is no backup to restore from',
      },
      { type: 'AWS::DynamoDB::Table', properties: ['Tags'], as: 'kept' },
    ],
    refusedOperations: [
      'ExecuteStatement',
      'CreateBackup',
      'RestoreTableToPointInTime',
      'ExportTableToPointInTime',
      'TagResource',
      'PutResourcePolicy',
    ],
    refused: [
      'The members that expressions replaced: `AttributesToGet`, `AttributeUpdates`, `ConditionalOperator`, `Expected`, `KeyConditions`, `QueryFilter`, `ScanFilter`.',
      '`ReturnConsumedCapacity` and `ReturnItemCollectionMetrics` other than `NONE`.',
      'Table classes other than `STANDARD`, global tables, resource policies, `OnDemandThroughput`, `WarmThroughput`.',
      'PartiQL, backups, exports, tagging, and the API of DynamoDB Streams: a stream is read by a Lambda event source mapping.',
      'A template that changes a table’s `KeySchema` or its local indexes in place.',
    ],
    differs: ['A table is never seen `CREATING` or `UPDATING`: changes take effect at once.'],
  },
  {
    service: 'events',
    title: 'EventBridge',
    typePrefixes: ['AWS::Events::'],
    does: [
      'Targets: Lambda functions, state machines, standard SQS queues, event buses (of this account or another), with `Input`, `InputPath`, `InputTransformer`, `RetryPolicy` and `DeadLetterConfig`.',
      'Schedules (`rate(…)`, `cron(…)`), archives, replays.',
    ],
    withoutEffect: [
      { type: 'AWS::Events::Rule', properties: ['RoleArn'], as: 'shown', why: 'the role of each target is used' },
      { type: 'AWS::Events::Rule', properties: ['Tags'], as: 'dropped' },
      { type: 'AWS::Events::EventBus', properties: ['Tags'], as: 'dropped' },
    ],
    refusedOperations: [
      'CreateEventBus',
      'DeleteEventBus',
      'PutPermission',
      'CreateArchive',
      'CancelReplay',
      'ListRuleNamesByTarget',
      'TagResource',
    ],
    refused: [
      'Other kinds of targets, FIFO queues among them, and target members such as `SqsParameters` and `BatchParameters`.',
      'Making and deleting buses and archives by the API; a bus’s policy comes from `AWS::Events::EventBusPolicy`, `Policy` of `AWS::Events::EventBus`.',
      'Global endpoints (`EndpointId`), API destinations, connections, pipes, schedules of EventBridge Scheduler.',
      'Rule states other than `ENABLED` and `DISABLED`.',
    ],
    differs: [
      'Services emit only these: scheduled events, S3 “Object Created” and “Object Deleted”, Step Functions “Execution Status Change”.',
    ],
  },
  {
    service: 'states',
    title: 'Step Functions',
    typePrefixes: ['AWS::StepFunctions::'],
    does: [
      'Standard workflows in JSONPath and JSONata: every state type, variables, Retry and Catch, timeouts and heartbeats, inline Map, activities, task tokens, nested executions, redrive.',
      'An execution goes on after the runtime was killed, from its history.',
    ],
    withoutEffect: [
      {
        type: 'AWS::StepFunctions::StateMachine',
        properties: ['LoggingConfiguration', 'TracingConfiguration'],
        as: 'shown',
        why: 'nothing is written to CloudWatch Logs or X-Ray; GetExecutionHistory has everything',
      },
      { type: 'AWS::StepFunctions::Activity', properties: ['Tags'], as: 'dropped' },
    ],
    refused: [
      'EXPRESS state machines and StartSyncExecution.',
      'Map in DISTRIBUTED mode, and with it map runs.',
      'Versions and aliases, TestState.',
      'Every other resource of a Task, among them `aws-sdk:s3` and `aws-sdk:lambda`: the definition is refused when the state machine is made.',
      '`startExecution.sync` and `.sync:2` of a state machine in another account.',
      'Encryption with a key of the customer’s.',
    ],
    differs: [
      'A task that was in flight when the runtime was killed is invoked again, as the same attempt, with the same task token: the worker died with the process.',
      'Calls of this API are not judged by IAM yet; they reach the caller’s own account only.',
    ],
  },
  {
    service: 'lambda',
    title: 'Lambda',
    typePrefixes: ['AWS::Lambda::'],
    does: [
      'ZIP packages for `nodejs24.x` and `nodejs22.x`, each sandbox a worker thread with the function’s own environment, credentials of its role and memory; timeouts, reserved concurrency, versions.',
      'Invocation types RequestResponse, Event (with retries, maximum age, dead-letter queue and destinations) and DryRun; `LogType: Tail`; client context.',
      'Event source mappings from DynamoDB streams: batching, windows, filters, retries, bisecting, partial failures, OnFailure destination.',
      'Destinations: standard SQS queues, event buses, functions. Dead letters: standard SQS queues.',
      'Function URLs at `http://127.0.0.1:PORT/_url/ID/`, payload format 2.0, `AWS_IAM` and `NONE`.',
    ],
    withoutEffect: [
      {
        type: 'AWS::Lambda::Function',
        properties: ['TracingConfig', 'KmsKeyArn'],
        as: 'kept',
        why: 'the runtime’s log says so when the function is deployed',
      },
      {
        type: 'AWS::Lambda::Function',
        properties: ['EphemeralStorage'],
        as: 'shown',
        why: '`/tmp` is this machine’s, shared and unbounded',
      },
      { type: 'AWS::Lambda::Function', properties: ['Architectures', 'Description', 'Tags'], as: 'shown' },
      { type: 'AWS::Lambda::EventSourceMapping', properties: ['Tags'], as: 'dropped' },
      { type: 'AWS::Lambda::Version', properties: ['Description'], as: 'dropped' },
    ],
    refused: [
      'Container images, layers, VPCs, file systems, SnapStart, aliases, other runtimes.',
      'Response streaming (`InvokeMode: RESPONSE_STREAM`), `Cors` of a function URL.',
      'Event sources other than DynamoDB streams, SQS among them; `ParallelizationFactor` above 1.',
      'SNS topics and FIFO queues as destination or dead-letter target.',
      'Making and changing functions by the API: they come from templates.',
    ],
    differs: [
      'A sandbox keeps functions apart from each other’s environment and memory, not from this machine: their code runs with the rights of whoever started the runtime. Deploy only code that you would run yourself.',
      '`MemorySize` bounds the JavaScript heap; Buffers are not counted.',
      '`nodejs22.x` runs on the runtime’s own Node.',
      'A function URL’s answer with more than one cookie is a 502.',
      'At most 32 sandboxes exist at a time, in all accounts together; an invocation beyond waits.',
    ],
  },
  {
    service: 'logs',
    title: 'CloudWatch Logs',
    typePrefixes: ['AWS::Logs::'],
    does: ['Functions write to their log groups, which keep lines as long as `RetentionInDays` says.'],
    withoutEffect: [{ type: 'AWS::Logs::LogGroup', properties: ['Tags'], as: 'dropped' }],
    refused: ['The API: read a log with `LogType: Tail` of Invoke.'],
    differs: ['A line is on disk up to 250 ms after it was written.'],
  },
  {
    service: 's3',
    title: 'S3',
    typePrefixes: ['AWS::S3::'],
    does: [
      'Path-style requests; versioning, conditional reads and writes (`If-Match`, `If-None-Match: *`), ranges, all checksums of the SDK in headers and trailers, aws-chunked uploads, multipart uploads, copies between accounts, presigned URLs.',
      'Bucket policies, `BlockPublicPolicy`; events to EventBridge in the same transaction as the write.',
    ],
    withoutEffect: [
      {
        type: 'AWS::S3::Bucket',
        properties: ['LifecycleConfiguration', 'OwnershipControls', 'LoggingConfiguration'],
        as: 'kept',
      },
      {
        type: 'AWS::S3::Bucket',
        properties: ['BucketEncryption'],
        as: 'shown',
        why: 'answers carry the headers of SSE-S3 and SSE-KMS and policies see them, but the bytes on disk are plain and KMS is not asked',
      },
    ],
    refused: [
      'Notifications to SNS, SQS or Lambda: only EventBridge.',
      'A KMS key named by its alias.',
      'Host-style addresses (`bucket.s3…`): use path style.',
    ],
    differs: [
      '`BlockPublicAcls`, `IgnorePublicAcls` and `RestrictPublicBuckets` are kept and shown; there are no ACLs, and a public policy that was there before is not restricted.',
      'A bucket’s tags are shown by GetBucketTagging; objects have none.',
    ],
  },
];

/** Of the deployment itself, beside the types. */
export const TEMPLATE_NOTES = {
  done: [
    'Sections `Parameters` (String, Number, CommaDelimitedList, List<Number>), `Mappings`, `Conditions`, `Resources`, `Outputs`; `Metadata` and descriptions are taken and mean nothing.',
    '`DependsOn`, `Condition`, `DeletionPolicy` and `UpdateReplacePolicy` (`Delete`, `Retain`, `RetainExceptOnCreate`).',
  ],
  refused: [
    'Any other section (`Transform`, `Rules`), type, property or function: the whole template is refused, with every such place named, before anything is made.',
    '`Fn::ImportValue`; an output’s `Export` is taken and nobody can import it.',
    '`DeletionPolicy: Snapshot`.',
  ],
} as const;
