import { notImplemented } from '../../aws-error.ts';
import type { Operations } from '../../service.ts';

/** The operations of the API that are not done here yet. */
const REFUSED = [
  'CreateStateMachineAlias',
  'DeleteStateMachineAlias',
  'DeleteStateMachineVersion',
  'DescribeMapRun',
  'DescribeStateMachineAlias',
  'ListMapRuns',
  'ListStateMachineAliases',
  'ListStateMachineVersions',
  'PublishStateMachineVersion',
  'StartSyncExecution',
  'TestState',
  'UpdateMapRun',
  'UpdateStateMachineAlias',
] as const;

export const refusedOperations: Operations = Object.fromEntries(
  REFUSED.map((name) => [
    name,
    () => {
      throw notImplemented(`states:${name}`);
    },
  ]),
);
