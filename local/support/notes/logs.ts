import type { ServiceNotes } from '../service-notes.ts';

export const logsNotes: ServiceNotes = {
  service: 'logs',
  title: 'CloudWatch Logs',
  typePrefixes: ['AWS::Logs::'],
  does: ['Functions write to their log groups, which keep lines as long as `RetentionInDays` says.'],
  withoutEffect: [{ type: 'AWS::Logs::LogGroup', properties: ['Tags'], as: 'dropped' }],
  refusedOperations: ['PutLogEvents', 'StartQuery', 'StartLiveTail'],
  refused: ['Patterns of FilterLogEvents other than terms that all have to be there.'],
  differs: ['A line is on disk up to 250 ms after it was written.'],
};
