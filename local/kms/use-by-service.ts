import type { Call } from '../service.ts';

/** A service's use of a key in its caller's name. https://docs.aws.amazon.com/kms/latest/developerguide/service-integration.html */
export interface KeyUseByService {
  readonly call: Call;
  readonly service: 's3' | 'sqs' | 'dynamodb';
  readonly keyArn: string;
  /** `Decrypt` */
  readonly operations: readonly string[];
  readonly encryptionContext?: Readonly<Record<string, string>>;
}

/** Throws what KMS says, unless the caller may use the key so, through this service. */
export function requireKeyUseByService({
  call,
  service,
  keyArn,
  operations,
  encryptionContext,
}: KeyUseByService): void {
  if (call.access === undefined) return;
  const via = `${service}.${call.region}.amazonaws.com`;
  const throughService: Call = { ...call, principal: { ...call.principal, via } };
  for (const operation of operations)
    call.access.requireKeyUse(throughService, keyArn, operation, encryptionContext ?? {});
}
