import { AwsError } from '../../aws-error.ts';
import { jsonFault } from '../definition/json-fault.ts';

/** Throws InvalidExecutionInput, as AWS's parser words it. Its size is the API's to check. */
export function checkExecutionInput(input: string): void {
  if (input === '') throw invalid('Invalid execution input.');
  const fault = jsonFault(input);
  if (fault) throw invalid(fault.message);
}

const invalid = (why: string): AwsError =>
  new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
