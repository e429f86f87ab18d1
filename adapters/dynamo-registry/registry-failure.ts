import { RegistryUnavailable } from '../../domain/errors.ts';
import { isTransient } from '../aws/is-transient.ts';

/**
 * What an SDK error of the registry is to a step: RegistryUnavailable where asking again may help, also where no answer came; the
 * error itself where the request was refused (no permission, no table, too large), for that is a defect and stays one.
 */
export function registryFailure(error: unknown, tableName: string): unknown {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const refused = status !== undefined && status >= 400 && status < 500 && !isTransient(error);
  return refused
    ? error
    : new RegistryUnavailable(`the registry ${tableName} did not answer: ${error}`, { cause: error });
}
