import type { AccountServices } from './account-services.ts';
import { parseArn } from './arn.ts';
import { AwsError, notImplemented } from './aws-error.ts';
import type { Ids } from './ids.ts';
import type { JsonObject, OperationService, Principal } from './service.ts';

export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
}

export interface RoutingContext {
  readonly region: string;
  readonly ids: Ids;
  /** By account id. */
  readonly accounts: ReadonlyMap<string, AccountServices>;
}

/** Runs an operation in the account that its input addresses, or else in the caller's own. */
export async function callOperation(
  { accounts, region }: RoutingContext,
  service: OperationService['name'],
  operation: string,
  input: JsonObject,
  { principal, requestId }: Caller,
): Promise<JsonObject> {
  const own = serviceOf(accounts, principal.accountId, service);
  const addressed = own.addressedAccount?.(operation, input);
  // An account that is not here has no resources: the caller's own service says so in its own words.
  const accountId = addressed !== undefined && accounts.has(addressed) ? addressed : principal.accountId;
  const target = serviceOf(accounts, accountId, service);
  // hasOwn: an operation named `constructor` must not find Object's.
  const run = Object.hasOwn(target.operations, operation) ? target.operations[operation] : undefined;
  if (!run) throw notImplemented(`The operation ${service}:${operation}`);
  return run(input, { principal, accountId, region, requestId });
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
export function accountOf({ accounts }: RoutingContext, arn: string): AccountServices {
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
