import type { AwsError } from '../aws-error.ts';
import type { OperationService, RestResponse } from '../service.ts';
import { jsonContentType, writeJson, writeJsonError } from './json-protocol.ts';
import { writeQueryError } from './query-protocol.ts';
import type { Protocol } from './refusal.ts';
import { element } from './xml.ts';

/** Of the services that speak the query protocol. */
export type QueryService = 'iam' | 'sts' | 'sqs' | 'monitoring';

export const XML_NAMESPACES: Readonly<Record<QueryService, string>> = {
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  sqs: 'http://queue.amazonaws.com/doc/2012-11-05/',
  monitoring: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
};

export interface ErrorContext {
  readonly protocol: Protocol;
  /** Known once the request has been understood so far. */
  readonly service: OperationService['name'] | undefined;
  readonly requestId: string;
  /** For clients of the query protocol, and those that asked for it with `x-amzn-query-mode`. */
  readonly queryErrorCode: string | undefined;
}

/** An AwsError in the shape that the protocol's clients look for. */
export function errorResponse(error: AwsError, context: ErrorContext): RestResponse {
  const { protocol, requestId } = context;
  switch (protocol) {
    case 's3':
      return {
        statusCode: error.statusCode,
        headers: { 'content-type': 'application/xml' },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', { Code: error.code, Message: error.message, ...error.fields, RequestId: requestId, HostId: requestId })}`,
      };
    case 'query': {
      const { service = 'sts', queryErrorCode: code = error.code } = context;
      return {
        statusCode: code === 'AccessDenied' ? 403 : error.statusCode,
        headers: { 'content-type': 'text/xml' },
        body: writeQueryError(
          { code, message: error.message, statusCode: error.statusCode },
          XML_NAMESPACES[service as QueryService],
          requestId,
        ),
      };
    }
    case 'restJson':
      return {
        statusCode: error.statusCode,
        headers: { 'content-type': 'application/json', 'x-amzn-ErrorType': error.code },
        body: writeJson({ Type: error.statusCode < 500 ? 'User' : 'Service', Message: error.message, ...error.fields }),
      };
    case 'json': {
      const service = context.service ?? 'states';
      const fault = error.statusCode < 500 ? 'Sender' : 'Receiver';
      return {
        statusCode: error.statusCode,
        headers: {
          'content-type': jsonContentType(service),
          ...(context.queryErrorCode ? { 'x-amzn-query-error': `${context.queryErrorCode};${fault}` } : {}),
        },
        body: writeJsonError(service, error),
      };
    }
  }
}

/** What an unexpected failure is called: the same for every cause, which only the log tells. */
export const INTERNAL_FAILURE_CODE: Readonly<Record<Protocol, string>> = {
  s3: 'InternalError',
  query: 'InternalFailure',
  restJson: 'ServiceException',
  json: 'InternalFailure',
};
