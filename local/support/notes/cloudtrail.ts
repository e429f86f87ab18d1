import type { ServiceNotes } from '../service-notes.ts';

export const cloudTrailNotes: ServiceNotes = {
  service: 'cloudtrail',
  title: 'CloudTrail',
  typePrefixes: ['AWS::CloudTrail::'],
  does: [
    'The event history of each account, for 90 days and at most 10,000 events: one event for each call that was denied, in the account of the resource, on disk before the call is answered.',
    '`additionalEventData` says which statement denied, or which one is missing.',
  ],
  withoutEffect: [],
  refusedOperations: ['CreateTrail', 'StartLogging', 'GetEventDataStore'],
  refused: ['Trails, Insights and Lake.'],
  differs: [
    'Calls that were allowed are not recorded, and those that were denied also where AWS has them in trails only (objects of S3, items of DynamoDB).',
    'An event is there at once, on AWS after some minutes; one of another account’s caller is in the account of the resource alone.',
  ],
};
