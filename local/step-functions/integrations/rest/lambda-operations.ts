import type { RestOperation } from './rest-operation.ts';

const FUNCTION = '/2015-03-31/functions/{FunctionName}';
const PAGE = { Marker: 'Marker', MaxItems: 'MaxItems' };

/** The Lambda API's operations that the local Lambda does. https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html */
export const LAMBDA_OPERATIONS: Readonly<Record<string, RestOperation>> = {
  Invoke: {
    method: 'POST',
    path: `${FUNCTION}/invocations`,
    query: { Qualifier: 'Qualifier' },
    headers: {
      InvocationType: 'x-amz-invocation-type',
      LogType: 'x-amz-log-type',
      ClientContext: 'x-amz-client-context',
    },
    body: { member: 'Payload', as: 'blob' },
    answer: {
      headers: {
        ExecutedVersion: ['x-amz-executed-version', 'text'],
        FunctionError: ['x-amz-function-error', 'text'],
        LogResult: ['x-amz-log-result', 'text'],
      },
      status: 'StatusCode',
      text: 'Payload',
    },
  },
  ListFunctions: { method: 'GET', path: '/2015-03-31/functions', query: PAGE, answer: { json: {} } },
  GetFunction: { method: 'GET', path: FUNCTION, query: { Qualifier: 'Qualifier' }, answer: { json: {} } },
  GetFunctionConfiguration: {
    method: 'GET',
    path: `${FUNCTION}/configuration`,
    query: { Qualifier: 'Qualifier' },
    answer: { json: {} },
  },
  GetPolicy: { method: 'GET', path: `${FUNCTION}/policy`, query: { Qualifier: 'Qualifier' }, answer: { json: {} } },
  GetFunctionUrlConfig: { method: 'GET', path: '/2021-10-31/functions/{FunctionName}/url', answer: { json: {} } },
  ListFunctionUrlConfigs: { method: 'GET', path: '/2021-10-31/functions/{FunctionName}/urls', answer: { json: {} } },
  ListEventSourceMappings: {
    method: 'GET',
    path: '/2015-03-31/event-source-mappings',
    query: { ...PAGE, FunctionName: 'FunctionName', EventSourceArn: 'EventSourceArn' },
    answer: { json: { dates: ['LastModified'] } },
  },
  GetEventSourceMapping: {
    method: 'GET',
    path: '/2015-03-31/event-source-mappings/{UUID}',
    answer: { json: { dates: ['LastModified'] } },
  },
};
