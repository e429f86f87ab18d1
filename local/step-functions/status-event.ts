import { redriveMembers, whyNotRedrivable } from './api/redrive-status.ts';
import type { Execution } from './interpreter/execution.ts';

/** What of an event may be input, and what output, as they stand in it. https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
const MOST_BYTES = 248 * 1024;

const escapedBytes = (text: string | null): number => (text === null ? 0 : Buffer.byteLength(JSON.stringify(text)));

/** "Step Functions Execution Status Change", as the default bus gets it. Order and members are those that AWS was recorded sending. */
export function statusChangeEvent(
  execution: Execution,
  machineIsDeleting: boolean,
): {
  source: string;
  detailType: string;
  resources: readonly string[];
  detail: unknown;
} {
  const { header, status, inputText, lastEventId, startedAtMs, stoppedAtMs } = execution;
  const output = status === 'SUCCEEDED' ? JSON.stringify(execution.output) : null;
  const withInput = escapedBytes(inputText) + escapedBytes(output) <= MOST_BYTES;
  const withOutput = escapedBytes(output) <= MOST_BYTES;
  const reason = whyNotRedrivable({ status, startedAtMs, stoppedAtMs, lastEventId, machineIsDeleting }, startedAtMs);
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [header.arn],
    detail: {
      executionArn: header.arn,
      stateMachineArn: header.stateMachineArn,
      name: header.name,
      status,
      startDate: startedAtMs,
      stopDate: stoppedAtMs ?? null,
      input: withInput ? inputText : null,
      output: withOutput ? output : null,
      stateMachineVersionArn: header.stateMachineVersionArn ?? null,
      stateMachineAliasArn: header.stateMachineAliasArn ?? null,
      redriveCount: execution.redriveCount,
      redriveDate: execution.redrivenAtMs ?? null,
      redriveStatusReason: null,
      ...redriveMembers(reason),
      inputDetails: { included: withInput },
      outputDetails: output === null ? null : { included: withOutput },
      error: execution.failure?.error ?? null,
      cause: execution.failure?.cause ?? null,
    },
  };
}
