import type { StateType } from '../asl.ts';

const COMMON = ['Type', 'Comment', 'QueryLanguage'];
const TRANSITION = ['Next', 'End'];
const ERRORS = ['Retry', 'Catch'];

/** The fields of each state type that both languages have. */
export const SHARED_FIELDS: Readonly<Record<StateType, readonly string[]>> = {
  Pass: [...COMMON, ...TRANSITION, 'Assign'],
  Task: [
    ...COMMON,
    ...TRANSITION,
    ...ERRORS,
    'Assign',
    'Resource',
    'Credentials',
    'TimeoutSeconds',
    'HeartbeatSeconds',
  ],
  Choice: [...COMMON, 'Choices', 'Default', 'Assign'],
  Wait: [...COMMON, ...TRANSITION, 'Assign', 'Seconds', 'Timestamp'],
  Succeed: [...COMMON],
  Fail: [...COMMON, 'Error', 'Cause'],
  Parallel: [...COMMON, ...TRANSITION, ...ERRORS, 'Assign', 'Branches'],
  Map: [
    ...COMMON,
    ...TRANSITION,
    ...ERRORS,
    'Assign',
    'ItemProcessor',
    'Iterator',
    'ItemSelector',
    'ItemReader',
    'ItemBatcher',
    'ResultWriter',
    'Label',
    'MaxConcurrency',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
  ],
};

const PATHS = ['InputPath', 'OutputPath'];

export const JSONPATH_FIELDS: Readonly<Record<StateType, readonly string[]>> = {
  Pass: [...PATHS, 'ResultPath', 'Parameters', 'Result'],
  Task: [...PATHS, 'ResultPath', 'Parameters', 'ResultSelector', 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
  Choice: PATHS,
  Wait: [...PATHS, 'SecondsPath', 'TimestampPath'],
  Succeed: PATHS,
  Fail: ['ErrorPath', 'CausePath'],
  Parallel: [...PATHS, 'ResultPath', 'Parameters', 'ResultSelector'],
  Map: [
    ...PATHS,
    'ResultPath',
    'Parameters',
    'ResultSelector',
    'ItemsPath',
    'MaxConcurrencyPath',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentagePath',
  ],
};

export const JSONATA_FIELDS: Readonly<Record<StateType, readonly string[]>> = {
  Pass: ['Output'],
  Task: ['Arguments', 'Output'],
  Choice: ['Output'],
  Wait: ['Output'],
  Succeed: ['Output'],
  Fail: [],
  Parallel: ['Arguments', 'Output'],
  Map: ['Items', 'Output'],
};

/** The service integrations with an interface of their own, and the patterns each has. The rest of AWS is under `aws-sdk:`. */
export const OPTIMISED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  apigateway: { invoke: ['waitForTaskToken'] },
  athena: { startQueryExecution: ['sync'], stopQueryExecution: [], getQueryExecution: [], getQueryResults: [] },
  batch: { submitJob: ['sync'] },
  bedrock: { invokeModel: [], createModelCustomizationJob: ['sync'] },
  codebuild: {
    startBuild: ['sync'],
    stopBuild: [],
    batchDeleteBuilds: [],
    batchGetReports: [],
    startBuildBatch: ['sync'],
  },
  dynamodb: { getItem: [], putItem: [], updateItem: [], deleteItem: [] },
  ecs: { runTask: ['sync', 'waitForTaskToken'] },
  elasticmapreduce: { createCluster: ['sync'], terminateCluster: ['sync'], addStep: ['sync'], cancelStep: [] },
  events: { putEvents: ['waitForTaskToken'] },
  glue: { startJobRun: ['sync'] },
  databrew: { startJobRun: ['sync'] },
  http: { invoke: [] },
  lambda: { invoke: ['waitForTaskToken'] },
  sagemaker: {
    createTrainingJob: ['sync'],
    createTransformJob: ['sync'],
    createProcessingJob: ['sync'],
    createLabelingJob: ['sync'],
    createHyperParameterTuningJob: ['sync'],
    createEndpoint: [],
    createEndpointConfig: [],
    createModel: [],
    updateEndpoint: [],
  },
  sns: { publish: ['waitForTaskToken'] },
  sqs: { sendMessage: ['waitForTaskToken'] },
  states: { startExecution: ['sync', 'sync:2', 'waitForTaskToken'] },
};
