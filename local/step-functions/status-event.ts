import type { Execution } from './interpreter/execution.ts';

/** "Step Functions Execution Status Change", as the default bus gets it. https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export function statusChangeEvent(execution: Execution): {
  source: string;
  detailType: string;
  resources: readonly string[];
  detail: unknown;
} {
  const { header } = execution;
  const included = { included: true };
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [header.arn],
    detail: {
      executionArn: header.arn,
      stateMachineArn: header.stateMachineArn,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      name: header.name,
      status: execution.status,
      startDate: execution.startedAtMs,
      stopDate: execution.stoppedAtMs ?? null,
      input: execution.inputText,
      inputDetails: included,
      output: execution.status === 'SUCCEEDED' ? JSON.stringify(execution.output) : null,
      outputDetails: execution.status === 'SUCCEEDED' ? included : null,
      error: execution.failure?.error ?? null,
      cause: execution.failure?.cause ?? null,
      redriveCount: execution.redriveCount,
      redriveDate: execution.redrivenAtMs ?? null,
    },
  };
}
