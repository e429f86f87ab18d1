import type { Principal, RestRequest, RestResponse } from '../../service.ts';

/** What of an HTTP request is not in the request itself. */
export interface UrlRequestFacts {
  readonly urlId: string;
  readonly requestId: string;
  readonly atMs: number;
  /** Of a signed request to a URL with AWS_IAM. */
  readonly principal?: Principal | undefined;
}

const TEXT = /^(text\/|application\/(json|javascript|xml|[\w.+-]+\+json|[\w.+-]+\+xml))/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The event of payload format 2.0.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function toUrlEvent(
  request: RestRequest,
  body: Buffer,
  facts: UrlRequestFacts,
): Readonly<Record<string, unknown>> {
  const { urlId, requestId, atMs, principal } = facts;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && name !== 'cookie') headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  const cookies = request.headers.cookie?.split(/;\s*/);
  const rawPath = request.rawPath.slice(`/_url/${urlId}`.length) || '/';
  const query = new Map<string, string[]>();
  for (const [name, value] of request.query) query.set(name, [...(query.get(name) ?? []), value]);
  const isText = TEXT.test(headers['content-type'] ?? '');
  const host = headers.host ?? '';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: request.query.toString(),
    ...(cookies ? { cookies } : {}),
    headers,
    ...(query.size > 0
      ? { queryStringParameters: Object.fromEntries([...query].map(([name, values]) => [name, values.join(',')])) }
      : {}),
    requestContext: {
      accountId: principal?.accountId ?? 'anonymous',
      apiId: urlId,
      ...(principal ? { authorizer: { iam: describeCaller(principal, headers.authorization ?? '') } } : {}),
      domainName: host,
      domainPrefix: urlId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: formatTime(new Date(atMs)),
      timeEpoch: atMs,
    },
    ...(body.length > 0 ? { body: body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function describeCaller(principal: Principal, authorization: string) {
  const { accountId, arn, userId } = principal;
  return {
    accessKey: /Credential=([^/,\s]+)\//.exec(authorization)?.[1] ?? '',
    accountId,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId,
  };
}

/** `12/Mar/2020:19:03:58 +0000` */
function formatTime(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}

/** What a function's answer means as HTTP: a response object as it says, anything else as JSON. */
export function toHttpResponse(payload: string): RestResponse {
  const answer = JSON.parse(payload) as unknown;
  const isResponse = typeof answer === 'object' && answer !== null && 'statusCode' in answer;
  if (!isResponse) {
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: payload };
  }
  const response = answer as {
    statusCode: unknown;
    headers?: Record<string, unknown>;
    cookies?: readonly string[];
    body?: unknown;
    isBase64Encoded?: boolean;
  };
  const statusCode = Number(response.statusCode);
  const isBadCookie = response.cookies !== undefined && response.cookies.length > 1;
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599 || isBadCookie) {
    return { statusCode: 502, headers: { 'content-type': 'text/plain' }, body: 'Internal Server Error' };
  }
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(response.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (response.cookies?.[0] !== undefined) headers['set-cookie'] = response.cookies[0];
  const { body = '' } = response;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { statusCode, headers, body: response.isBase64Encoded ? Buffer.from(text, 'base64') : text };
}
