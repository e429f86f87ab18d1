import { Problem } from '../language/problem.ts';
import { byteLength } from './outcome.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const ONE_ASSIGN_BYTES = 262_144;
const ALL_VARIABLES_BYTES = 10_485_760;
/** Fewer variables than this cannot reach the limit of all together. */
const FEW = ALL_VARIABLES_BYTES / ONE_ASSIGN_BYTES;

/** Throws Problem `States.DataLimitExceeded` when a state assigns too much, alone or with what its frame sees already. */
export function checkVariables(
  assigned: Readonly<Record<string, unknown>>,
  visible: Readonly<Record<string, unknown>>,
): void {
  if (sizeOf(assigned) > ONE_ASSIGN_BYTES) {
    throw tooLarge(`The variables that the state assigns are larger than ${ONE_ASSIGN_BYTES} bytes.`);
  }
  const all = { ...visible, ...assigned };
  if (Object.keys(all).length > FEW && sizeOf(all) > ALL_VARIABLES_BYTES) {
    throw tooLarge(`The variables of the execution are larger than ${ALL_VARIABLES_BYTES} bytes together.`);
  }
}

const sizeOf = (variables: Readonly<Record<string, unknown>>): number =>
  Object.values(variables).reduce<number>((sum, value) => sum + byteLength(JSON.stringify(value)), 0);

const tooLarge = (message: string): Problem => new Problem('States.DataLimitExceeded', message);
