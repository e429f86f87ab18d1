import { AwsError } from './aws-error.ts';
import { callOperation, callRest, type RoutingContext } from './call-routing.ts';
import type { Gateway } from './server/gateway.ts';
import type { AnsweredRequest } from './support/answered-requests.ts';

/** What the listener reaches of the accounts. */
export function runtimeGateway(
  context: RoutingContext,
  observeAnswered: (request: AnsweredRequest) => void = () => {},
): Gateway {
  const { accounts } = context;
  return {
    findAccessKey(accessKeyId) {
      for (const { account } of accounts.values()) {
        const key = account.credentials.find(accessKeyId);
        if (key) return key;
      }
      return undefined;
    },
    async callOperation(service, operation, input, caller) {
      const output = await callOperation(context, service, operation, input, caller);
      observeAnswered({ service, operation, userAgent: caller.origin?.userAgent });
      return output;
    },
    queryErrorCode(service, code) {
      const [anyAccount] = accounts.values();
      return anyAccount?.operationServices.get(service)?.queryErrorCode?.(code) ?? code;
    },
    async handleRest(name, request, caller) {
      const answer = await callRest(context, name, request, caller);
      if (answer.statusCode < 400) observeAnswered({ ...request, service: name, userAgent: caller.origin?.userAgent });
      return answer;
    },
    async handleFunctionUrl(request, principal) {
      const urlId = request.rawPath.split('/')[2] ?? '';
      for (const { lambda } of accounts.values()) {
        if (lambda.hasFunctionUrl(urlId)) return lambda.handleFunctionUrl(request, principal);
      }
      throw new AwsError('AccessDeniedException', `No function has the URL /_url/${urlId}/.`, 403);
    },
  };
}
