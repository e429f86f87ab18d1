import { shown } from '../operation-input.ts';
import type { Functions } from './functions.ts';
import { clientError, json, NO_CONTENT, permitted, type Route, readMembers } from './route.ts';

const WRITTEN = /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/;
const READ = /^\/2019-09-30\/functions\/([^/]+)\/concurrency$/;
/** An account's own limit, where it asked for no other. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST = 1000;

/** The operations on a function's reserved concurrency, which all its versions share. */
export function concurrencyRoutes(functions: Functions): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: WRITTEN,
      async answer(request, call, named = '') {
        const { name } = permitted(functions, 'PutFunctionConcurrency', request, call, named);
        const { ReservedConcurrentExecutions: reserved } = await readMembers(request, ['ReservedConcurrentExecutions']);
        if (!Number.isInteger(reserved) || (reserved as number) < 0 || (reserved as number) > MOST) {
          throw clientError(
            'InvalidParameterValueException',
            `ReservedConcurrentExecutions must be a whole number between 0 and ${MOST}, not ${shown(reserved)}.`,
          );
        }
        functions.setReservedConcurrency(name, reserved as number);
        return json({ ReservedConcurrentExecutions: reserved });
      },
    },
    {
      method: 'GET',
      path: READ,
      answer(request, call, named = '') {
        const { name } = permitted(functions, 'GetFunctionConcurrency', request, call, named);
        return json({ ReservedConcurrentExecutions: functions.require(name).reservedConcurrency });
      },
    },
    {
      method: 'DELETE',
      path: WRITTEN,
      answer(request, call, named = '') {
        const { name } = permitted(functions, 'DeleteFunctionConcurrency', request, call, named);
        functions.setReservedConcurrency(name, undefined);
        return NO_CONTENT;
      },
    },
  ];
}
