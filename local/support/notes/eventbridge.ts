import type { ServiceNotes } from '../service-notes.ts';

export const eventbridgeNotes: ServiceNotes = {
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
  refusedOperations: [],
  refused: [
    'Other kinds of targets, FIFO queues among them, and target members such as `SqsParameters` and `BatchParameters`.',
    'Making and deleting buses and archives by the API; a bus’s policy comes from `AWS::Events::EventBusPolicy`, `Policy` of `AWS::Events::EventBus`.',
    'Global endpoints (`EndpointId`), API destinations, connections, pipes, schedules of EventBridge Scheduler.',
    'Rule states other than `ENABLED` and `DISABLED`.',
  ],
  differs: [
    'Services emit only these: scheduled events, S3 “Object Created” and “Object Deleted”, Step Functions “Execution Status Change”.',
  ],
};
