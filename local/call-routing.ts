import type { AccountServices } from './account-services.ts';
import { parseArn } from './arn.ts';
import { AwsError, notImplemented } from './aws-error.ts';
import type { Access } from './iam/access.ts';
import type { Ids } from './ids.ts';
import { bucketOfPath } from './s3/s3.ts';
import type {
  Call,
  JsonObject,
  OperationService,
  Principal,
  RestRequest,
  RestResponse,
  RestService,
} from './service.ts';

export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
  readonly origin?: Call['origin'];
}

export interface RoutingContext {
  readonly region: string;
  readonly ids: Ids;
  /** By account id. */
  readonly accounts: ReadonlyMap<string, AccountServices>;
  readonly access: Access;
}

/** Runs an operation in the account that its input addresses, or else in the caller's own. */
export async function callOperation(
  { accounts, region, access }: RoutingContext,
  service: OperationService['name'],
  operation: string,
  input: JsonObject,
  { principal, requestId, origin }: Caller,
): Promise<JsonObject> {
  const own = serviceOf(accounts, principal.accountId, service);
  const addressed = own.addressedAccount?.(operation, input);
  // An account that is not here has no resources: the caller's own service says so in its own words.
  const accountId = addressed !== undefined && accounts.has(addressed) ? addressed : principal.accountId;
  const target = serviceOf(accounts, accountId, service);
  // hasOwn: an operation named `constructor` must not find Object's.
  const run = Object.hasOwn(target.operations, operation) ? target.operations[operation] : undefined;
  if (!run) throw notImplemented(`The operation ${service}:${operation}`);
  return run(input, { principal, accountId, region, requestId, access, origin });
}

/** Answers a request to a REST service in the account that its path addresses, or else in the caller's own. */
export async function callRest(
  context: RoutingContext,
  name: RestService['name'],
  request: RestRequest,
  { principal, requestId, origin }: Caller,
): Promise<RestResponse> {
  const { accounts, region, access } = context;
  const addressed = addressedAccount(context, name, request);
  const accountId = addressed !== undefined && accounts.has(addressed) ? addressed : principal.accountId;
  const service = accounts.get(accountId)?.restServices.get(name);
  if (!service) throw notImplemented(`The service '${name}'`);
  return service.handle(request, { principal, accountId, region, requestId, access, origin });
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

/** Whether an account of this runtime does the operation. All accounts have the same services. */
export function hasOperation(
  { accounts }: RoutingContext,
  service: OperationService['name'],
  operation: string,
): boolean {
  const [anyAccount] = accounts.values();
  const found = anyAccount?.operationServices.get(service);
  return found !== undefined && Object.hasOwn(found.operations, operation);
}

function serviceOf(
  accounts: RoutingContext['accounts'],
  accountId: string,
  name: OperationService['name'],
): OperationService {
  const service = accounts.get(accountId)?.operationServices.get(name);
  if (!service) throw notImplemented(`The service '${name}'`);
  return service;
}

/** The account that an ARN names. Throws ResourceNotFoundException when the runtime has no such account. */
export function accountOf({ accounts }: Pick<RoutingContext, 'accounts'>, arn: string): AccountServices {
  const accountId = parseArn(arn)?.accountId;
  const account = accountId === undefined ? undefined : accounts.get(accountId);
  if (!account) {
    throw new AwsError(
      'ResourceNotFoundException',
      `${arn} is not in an account of this local runtime (${[...accounts.keys()].join(', ')}).`,
      404,
    );
  }
  return account;
}

/** The account that has a bucket: bucket names are the same for all accounts. */
export function bucketOwner({ accounts }: RoutingContext, bucketName: string): AccountServices | undefined {
  for (const account of accounts.values()) if (account.s3.ownsBucket(bucketName)) return account;
  return undefined;
}
