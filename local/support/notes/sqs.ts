import type { ServiceNotes } from '../service-notes.ts';

export const sqsNotes: ServiceNotes = {
  service: 'sqs',
  title: 'SQS',
  typePrefixes: ['AWS::SQS::'],
  does: [
    'Standard queues: long polling, visibility timeouts, delays, retention, redrive to a dead-letter queue.',
    'AWS JSON, and the query protocol that clients before 2023 speak.',
  ],
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
  refused: ['FIFO queues.', '`RedriveAllowPolicy`.'],
  differs: [],
};
