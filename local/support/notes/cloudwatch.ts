import type { ServiceNotes } from '../service-notes.ts';

export const cloudWatchNotes: ServiceNotes = {
  service: 'monitoring',
  title: 'CloudWatch',
  typePrefixes: ['AWS::CloudWatch::'],
  does: ['Metrics that are put are kept and can be read: AWS JSON, and the query protocol that older clients speak.'],
  withoutEffect: [],
  refusedOperations: ['GetMetricData', 'PutMetricAlarm', 'PutDashboard'],
  refused: ['Metrics of AWS’s own (`AWS/…`), and percentiles.'],
  differs: [],
};
