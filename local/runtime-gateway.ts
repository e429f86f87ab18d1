import { AwsError } from './aws-error.ts';
import { callOperation, callRest, type RoutingContext } from './call-routing.ts';
import type { Gateway } from './server/gateway.ts';

/** What the listener reaches of the accounts. */
export function runtimeGateway(context: RoutingContext): Gateway {
  const { accounts } = context;
  return {
    findAccessKey(accessKeyId) {
      for (const { account } of accounts.values()) {
        const key = account.credentials.find(accessKeyId);
        if (key) return key;
      }
      return undefined;
    },
    callOperation: (service, operation, input, caller) => callOperation(context, service, operation, input, caller),
    queryErrorCode(service, code) {
      const [anyAccount] = accounts.values();
      return anyAccount?.operationServices.get(service)?.queryErrorCode?.(code) ?? code;
    },
    handleRest: (name, request, caller) => callRest(context, name, request, caller),
    async handleFunctionUrl(request, principal) {
      const urlId = request.rawPath.split('/')[2] ?? '';
      for (const { lambda } of accounts.values()) {
        if (lambda.hasFunctionUrl(urlId)) return lambda.handleFunctionUrl(request, principal);
      }
      throw new AwsError('AccessDeniedException', `No function has the URL /_url/${urlId}/.`, 403);
    },
  };
}
