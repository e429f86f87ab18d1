import { notImplemented } from '../../aws-error.ts';
import { requireOwnRole } from '../../iam/pass-role.ts';
import type { JsonObject, Operations } from '../../service.ts';
import { type Failure, matchesError } from '../interpreter/failure.ts';
import { parseResource } from '../interpreter/resource.ts';
import { Inspection } from './inspection.ts';
import { runState, type StateEnd, type StateTestHost } from './run-state.ts';
import { readTestStateRequest, type TestStateRequest } from './test-state-request.ts';

/** TestState: runs one state, for real or against a mock, and leaves no execution behind. */
export const testStateOperations = (host: StateTestHost): Operations => ({
  TestState: (input) => testState(input, host),
});

/** Throws AwsError for a request that AWS refuses; a state that fails is an answer. */
export async function testState(input: JsonObject, host: StateTestHost): Promise<JsonObject> {
  const request = readTestStateRequest(input);
  if (request.roleArn !== undefined) requireOwnRole(request.roleArn, host.accountId);
  refuseUnsupported(request, host);
  const inspection = new Inspection(request.state, request.inputText);
  const end = await runState(request, inspection, host);
  return {
    ...outcome(end),
    ...(request.inspectionLevel !== 'INFO' && { inspectionData: inspection.data(knownAtTheEnd(request, end)) }),
  };
}

function refuseUnsupported({ state, mock }: TestStateRequest, { caller }: StateTestHost): void {
  if (mock || state.Type !== 'Task') return;
  const resource = parseResource(state.Resource!);
  if (resource && !caller.supports(resource))
    throw notImplemented(`TestState without a mock of the resource ${state.Resource}`);
}

function outcome({ left, failure, retry }: StateEnd): JsonObject {
  const { error, cause } = failure ?? {};
  return {
    ...(left && { output: left.output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(left?.next !== undefined && { nextState: left.next }),
    status: left ? (failure ? 'CAUGHT_ERROR' : 'SUCCEEDED') : retry ? 'RETRIABLE' : 'FAILED',
  };
}

function knownAtTheEnd(request: TestStateRequest, end: StateEnd): JsonObject {
  const details = end.failure && errorDetails(request, end, end.failure);
  return {
    ...(details && Object.keys(details).length > 0 && { errorDetails: details }),
    ...(Object.keys(end.variables).length > 0 && { variables: JSON.stringify(end.variables) }),
  };
}

/** Which retrier and which catcher the failure was put to; the retrier is told when it is exhausted, too. */
function errorDetails({ state }: TestStateRequest, { left, retry }: StateEnd, failure: Failure): JsonObject {
  const of = (handlers: readonly { readonly ErrorEquals: readonly string[] }[] | undefined) =>
    (handlers ?? []).findIndex((one) => matchesError(one.ErrorEquals, failure));
  const retryIndex = retry?.index ?? of(state.Retry);
  return {
    ...(left && { catchIndex: of(state.Catch) }),
    ...(retryIndex >= 0 && { retryIndex }),
    ...(retry && { retryBackoffIntervalSeconds: retry.afterSeconds }),
  };
}
