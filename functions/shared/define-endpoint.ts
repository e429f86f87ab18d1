import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { logError } from './log-error.ts';

/** Who signed a request to a function URL with IAM auth: AWS checked it before the function was called. */
export interface Caller {
  /** Null where nobody did. */
  readonly arn: string | null;
  readonly requestId: string;
}

export interface EndpointAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Bytes of the largest request body that is parsed: Lambda itself stops at 6 MB. */
const LARGEST_BODY = 6_000_000;

const answer = (status: number, body: unknown): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});

/** The caller's ARN in a function URL event (IAM auth): https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
const callerOf = (event: APIGatewayProxyEventV2, context: Context): Caller => {
  const { authorizer } = event.requestContext as { authorizer?: { iam?: { userArn?: string } } };
  return { arn: authorizer?.iam?.userArn ?? null, requestId: context.awsRequestId };
};

/**
 * A Lambda handler of a function URL: reads JSON, answers JSON. What the run throws is a 500 that says nothing of the inside; the
 * function's log has it.
 */
export function defineEndpoint(run: (body: unknown, caller: Caller, context: Context) => Promise<EndpointAnswer>) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .onError((request) => {
      logError(request.error, request.context.awsRequestId);
      request.response = answer(500, {
        error: 'InternalError',
        message: `the request failed; its id is ${request.context.awsRequestId}`,
      });
    })
    .handler(async (event, context) => {
      if (event.requestContext.http.method !== 'POST')
        return answer(405, { error: 'MethodNotAllowed', message: 'send a POST with JSON' });
      const text = event.isBase64Encoded
        ? Buffer.from(event.body ?? '', 'base64').toString('utf8')
        : (event.body ?? '');
      if (text.length > LARGEST_BODY)
        return answer(413, { error: 'TooLarge', message: `the request has more than ${LARGEST_BODY} bytes` });
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch (error) {
        return answer(400, {
          error: 'RequestInvalid',
          message: `the request is not JSON: ${(error as Error).message}`,
        });
      }
      const { status, body: answered } = await run(body, callerOf(event, context), context);
      return answer(status, answered);
    });
}
