import { AwsError, notImplemented } from './aws-error.ts';
import { bucketOwner, callOperation, type RoutingContext } from './call-routing.ts';
import { bucketOfPath } from './s3/s3.ts';
import type { Gateway } from './server/gateway.ts';
import type { RestRequest, RestService } from './service.ts';

/** What the listener reaches of the accounts. */
export function runtimeGateway(context: RoutingContext): Gateway {
  const { accounts, region } = context;
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
    async handleRest(name, request, { principal, requestId }) {
      const addressed = addressedAccount(context, name, request);
      const accountId = addressed !== undefined && accounts.has(addressed) ? addressed : principal.accountId;
      const service = accounts.get(accountId)?.restServices.get(name);
      if (!service) throw notImplemented(`The service '${name}'`);
      return service.handle(request, { principal, accountId, region, requestId });
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

/** Function ARNs (whole, or from the account on) and buckets name the account that they belong to. */
function addressedAccount(
  context: RoutingContext,
  name: RestService['name'],
  { rawPath }: RestRequest,
): string | undefined {
  if (name === 'lambda') return /\/functions\/(?:arn:aws:lambda:[^:/]*:)?(\d{12}):/.exec(decoded(rawPath))?.[1];
  const bucketName = bucketOfPath(rawPath);
  return bucketName === undefined ? undefined : bucketOwner(context, bucketName)?.account.accountId;
}

/** As it stands when it is not UTF-8: then it names nothing. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
