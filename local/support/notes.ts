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
      'An execution goes on after the runtime was killed, from its history. While the disk is full executions stand still, and go on when there is room.',
      'Express workflows: StartSyncExecution (at most once: it ends with the process) and StartExecution (at least once: on disk until it has ended), five minutes at most, without a history.',
      'Versions and aliases, with weights; a machine that is deleted is DELETING, and ends its executions at their next transition.',
      'Calls are judged by the caller’s policies: the machine’s ARN for starts (`states:StateMachineQualifier` says which version or alias), the execution’s, activity’s or map run’s own ARN for the others, the machine of the task for task tokens.',
      'Redrive within 14 days, once for one client token; status-change events with every member that AWS sends.',
      'TestState: one state or a state of a whole definition, against a mock or for real, with all inspection data but those of HTTP tasks.',
      'Map in DISTRIBUTED mode: map runs with child executions of their own, datasets and results in S3, batches, tolerated failures, redrive.',
    ],
    withoutEffect: [
      {
        type: 'AWS::StepFunctions::StateMachine',
        properties: ['LoggingConfiguration', 'TracingConfiguration'],
        as: 'shown',
        why: 'nothing is written to CloudWatch Logs or X-Ray, as the runtime’s log says when a machine has one; GetExecutionHistory has everything',
      },
      { type: 'AWS::StepFunctions::StateMachine', properties: ['Tags'], as: 'shown' },
      { type: 'AWS::StepFunctions::Activity', properties: ['Tags'], as: 'shown' },
    ],
    refused: [
      '`startExecution.sync` of an Express machine: use `aws-sdk:sfn:startSyncExecution`.',
      'In a distributed Map: InputType PARQUET, Transformation LOAD_AND_FLATTEN and ManifestType ATHENA_DATA of an ItemReader, and inventories that are not CSV.',
      'Every other resource of a Task: the definition is refused when the state machine is made.',
      'Parameters of `aws-sdk:s3` and `aws-sdk:lambda` that the table of their operations does not have: the task fails, with the parameter’s name.',
      'Encryption with a key of the customer’s (`CUSTOMER_MANAGED_KMS_KEY`).',
      '`DeploymentPreference` of an alias in a template: give `RoutingConfiguration`.',
    ],
    differs: [
      'An error of the runtime itself fails the execution as `States.Runtime`, with a cause that begins “An internal error of the local runtime”.',
      'A task that was in flight when the runtime was killed is invoked again, as the same attempt, with the same task token: the worker died with the process.',
      'An expression of JSONata that takes longer than 0.7 s, a search for a regular expression that takes half a second, and a `$pad` to more than a million characters fail; JSON that is nested deeper than 1,000 is refused, with the words of AWS’s parser. The numbers of `States.MathRandom` and `$random` for a seed are not AWS’s.',
      'Numbers are read as JavaScript reads them: `0.0` goes on as `0`, but for input that reaches a task untouched.',
      'Faults of a definition that AWS was not recorded refusing (names of variables, bounds of a Retry, fields that exclude each other) are refused in our own words; an inner scope may assign a name of an outer one.',
      'A bucket’s object is given to a task as text; bytes of other services (`aws-sdk:kms`) as base64.',
      '`createTrainingJob.sync`: a job that ends as Stopped fails the task as one that failed does; the job has a tag `StepFunctionsTask`, by which a task that is asked for again after a crash finds its own job.',
      'Credentials whose role does not trust the state machine’s role (external id: the state machine’s ARN) fail the task with `States.TaskFailed`: what AWS calls that was not recorded. `.sync` in another account asks every second.',
      'TestState checks a mocked result against the API’s shape for Lambda, Step Functions, EventBridge, SQS, SNS, DynamoDB items and SageMaker training jobs only; others are taken as they are. A mocked Map shows `mapItemReaderData` read as its ItemReader would.',
      'The SDK sends TestState and StartSyncExecution to the host `sync-127.0.0.1`, which no name server knows: make its client with `disableHostPrefix: true`. The runtime takes such a host where it resolves.',
      'Whether a log destination exists is not asked. The history of a deleted machine’s executions stays, and with it their names.',
      'ValidateStateMachineDefinition finds errors only: AWS’s warnings are not recorded.',
    ],
  },
  {
    service: 'lambda',
    title: 'Lambda',
    typePrefixes: ['AWS::Lambda::'],
    does: [
      'ZIP packages for `nodejs24.x` and `nodejs22.x`, each sandbox a worker thread with the function’s own environment, credentials of its role and memory; timeouts, reserved concurrency.',
      'Versions; aliases with weights, each with its own permissions, URL, asynchronous settings and stream mappings.',
      'Invocation types RequestResponse, Event (with retries, maximum age, dead-letter queue and destinations) and DryRun; `LogType: Tail`, with AWS’s lines for starts, reports, errors and timeouts; client context. 6 MB a request or an answer, 1 MB an event.',
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
    ],
    refused: [
      'Container images, layers, VPCs, file systems, SnapStart, provisioned concurrency, other runtimes.',
      'Response streaming (`InvokeMode: RESPONSE_STREAM`), `Cors` of a function URL.',
      'Event sources other than DynamoDB streams, SQS among them; `ParallelizationFactor` above 1.',
      'SNS topics and FIFO queues as destination or dead-letter target.',
      'Making and changing functions by the API: they come from templates. Versions, aliases, permissions and reserved concurrency can be made by both.',
    ],
    differs: [
      'A sandbox keeps functions apart from each other’s environment and memory, not from this machine: their code runs with the rights of whoever started the runtime. Deploy only code that you would run yourself.',
      '`MemorySize` bounds the JavaScript heap; Buffers are not counted. `Max Memory Used` is what the function holds when it answers; of a sandbox that was ended, all that it may have.',
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
    service: 'sagemaker',
    title: 'SageMaker',
    typePrefixes: [],
    does: [
      'Training jobs on one instance, each a process of this machine under the training container’s contract: hyperparameters as text, channels from S3 in File mode, `model/` as model.tar.gz, `output/data` and `output/failure` as output.tar.gz, exit codes, SIGTERM and 120 s later SIGKILL, `MaxRuntimeInSeconds`.',
      '`/opt/ml` is a folder of the runtime: `SAGEMAKER_BASE_DIR` and the `SM_*` variables say where.',
      'An image is a name that the runtime’s option `trainingImages` gives a program for (`{"local://trainer": {command: ["node", "/path/train.mjs"]}}`); any URI can be such a name. The program is started with the argument `train`, or with ContainerArguments.',
      'The program’s environment is the job’s own, `PATH`, the `SM_*` variables and credentials of the job’s role: nothing else of the runtime’s.',
      'Events `SageMaker Training Job State Change` for each status, in the transaction that changes it; lines of the program in the log group `/aws/sagemaker/TrainingJobs`.',
    ],
    withoutEffect: [],
    refusedOperations: [
      'CreateProcessingJob',
      'CreateTransformJob',
      'CreateHyperParameterTuningJob',
      'CreateModel',
      'CreateEndpoint',
      'UpdateTrainingJob',
    ],
    refused: [
      'An image that has no program here: images are not pulled.',
      'More than one instance, Pipe and FastFile mode, manifest files, compressed channels, algorithms from the marketplace, ContainerEntrypoint, metric definitions.',
      'Spot training, checkpoints, VPCs, network isolation, debugger, profiler, TensorBoard, experiments, warm pools.',
    ],
    differs: [
      'The program runs with the rights of whoever started the runtime, and as many processors and as much memory as it takes; `InstanceType` and `VolumeSizeInGB` are shown.',
      'A job that was under way when the runtime ended (also when it was killed) is Failed by the next one with `InternalServerError`, or begun anew as often as its `RetryStrategy` says; a program that was left running is killed.',
      'A program that is killed leaves the exit code 128 and the signal’s number.',
      'Times in events are numbers, as in real events; AWS’s documentation shows them as text.',
    ],
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
