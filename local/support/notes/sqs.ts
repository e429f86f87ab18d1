import type { ServiceNotes } from '../service-notes.ts';

export const sqsNotes: ServiceNotes = {
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
  refusedOperations: ['AddPermission', 'StartMessageMoveTask'],
  refused: ['FIFO queues.', '`RedriveAllowPolicy`.', 'The query protocol that old SDKs spoke: AWS JSON only.'],
  differs: [],
};
