import type { ServiceNotes } from '../service-notes.ts';

export const stepFunctionsNotes: ServiceNotes = {
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
};
