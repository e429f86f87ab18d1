import { AwsError } from '../../aws-error.ts';
import { authorize } from '../../iam/authorize.ts';
import type { AccountContext, Principal, RestRequest, RestResponse } from '../../service.ts';
import type { Functions } from '../functions.ts';
import type { Invoker } from '../invoker.ts';
import { readBody } from '../read-body.ts';
import type { FunctionUrls } from './function-urls.ts';
import { toHttpResponse, toUrlEvent } from './payload-format.ts';

interface ServeUrlDeps {
  readonly ctx: AccountContext;
  readonly functions: Functions;
  readonly urls: FunctionUrls;
  readonly invoker: Invoker;
}

const message = (statusCode: number, Message: string): RestResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ Message }),
});

/** Somebody without a signature: matched by `Principal: "*"` alone. */
const ANONYMOUS: Principal = { kind: 'user', accountId: 'anonymous', arn: 'anonymous', userId: 'anonymous' };

/** Answers a request to `/_url/URL-ID/…`. `principal` is undefined for one that is not signed. */
export async function serveFunctionUrl(
  { ctx, functions, urls, invoker }: ServeUrlDeps,
  request: RestRequest,
  principal: Principal | undefined,
): Promise<RestResponse> {
  const url = urls.find(urlIdOf(request));
  const definition = url && functions.choose(url.functionName, url.qualifier);
  if (!url || !definition) return message(404, 'Not Found');
  const functionArn = functions.arnOf(url.functionName, url.qualifier);
  const isIam = url.authType === 'AWS_IAM';
  if (isIam && !principal) return message(403, 'Forbidden');

  const requestId = ctx.ids.uuid();
  const caller = isIam ? (principal as Principal) : ANONYMOUS;
  try {
    const question = {
      call: { principal: caller, accountId: ctx.accountId, region: ctx.region, requestId, access: ctx.access },
      resourceArn: functionArn,
      resourcePolicy: functions.policyOf(definition.name),
      context: { 'lambda:FunctionUrlAuthType': url.authType, 'lambda:InvokedViaFunctionUrl': 'true' },
    };
    // Both, since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    for (const action of ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']) authorize({ ...question, action });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    ctx.log('warn', 'A request to a function URL was denied', { function: definition.name, reason: error.message });
    return message(403, 'Forbidden');
  }

  try {
    const body = await readBody(request);
    const facts = { urlId: url.urlId, requestId, atMs: ctx.clock.now(), principal: isIam ? principal : undefined };
    const payload = JSON.stringify(toUrlEvent(request, body, facts));
    const result = await invoker.invoke(definition, { requestId, payload, invokedFunctionArn: functionArn });
    if (result.functionError) {
      return { statusCode: 502, headers: { 'content-type': 'text/plain' }, body: 'Internal Server Error' };
    }
    return toHttpResponse(result.payload);
  } catch (error) {
    if (error instanceof AwsError) return message(error.statusCode, error.message);
    throw error;
  }
}

export const urlIdOf = ({ rawPath }: Pick<RestRequest, 'rawPath'>): string =>
  /^\/_url\/([^/]+)/.exec(rawPath)?.[1] ?? '';
