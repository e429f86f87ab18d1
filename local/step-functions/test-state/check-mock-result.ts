import { AwsError } from '../../aws-error.ts';
import type { State } from '../asl.ts';
import { parseResource } from '../interpreter/resource.ts';
import { isObject } from '../language/jsonpath.ts';
import { resultShape, type Shape } from './mock-result-shapes.ts';

export type FieldValidationMode = 'STRICT' | 'PRESENT' | 'NONE';

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
const schemaError = (message: string): AwsError => invalid(`Mock result schema validation error: ${message}`);

/** Whether a mocked result is one that the state could have. Throws ValidationException as TestState does. */
export function checkMockResult(state: State, result: unknown, mode: FieldValidationMode): void {
  if (state.Type === 'Map') {
    if (state.ResultWriter !== undefined && !isObject(result)) throw invalid('Mocked result must be a JSON object.');
    if (state.ResultWriter === undefined && !Array.isArray(result)) throw invalid('Mocked result must be an array.');
  }
  if (state.Type === 'Parallel') {
    if (!Array.isArray(result)) throw invalid('Mocked result must be an array.');
    const branches = state.Branches?.length ?? 0;
    if (result.length !== branches) {
      throw invalid(
        `Mocked result must have one element for each branch: there are ${branches} branches and ${result.length} elements.`,
      );
    }
  }
  if (state.Type !== 'Task' || mode === 'NONE') return;
  const resource = parseResource(state.Resource ?? '');
  const shape = resource?.kind === 'Task' ? resultShape(resource.resourceType, resource.resource) : undefined;
  if (shape) check(result, shape, undefined, mode);
}

function check(value: unknown, shape: Shape, field: string | undefined, mode: FieldValidationMode): void {
  const must = (holds: boolean, what: string) => {
    if (!holds)
      throw field === undefined
        ? invalid(`Mocked result must be ${what}.`)
        : schemaError(`Field '${field}' must be ${what}`);
  };
  if (typeof shape === 'string') {
    must(typeof value === shape, `a ${shape}`);
    return;
  }
  if ('shape' in shape) {
    check(value, shape.shape(), field, mode);
    return;
  }
  if ('oneOf' in shape) {
    must(typeof value === 'string', 'a string');
    if (!shape.oneOf.includes(value as string)) throw schemaError(`Field '${field}' is not an expected value`);
    return;
  }
  if ('list' in shape) {
    must(Array.isArray(value), 'an array');
    for (const item of value as unknown[]) check(item, shape.list, field, mode);
    return;
  }
  must(isObject(value), field === undefined ? 'a JSON object' : 'an object');
  const members = value as Record<string, unknown>;
  if ('map' in shape) {
    for (const item of Object.values(members)) check(item, shape.map, field, mode);
    return;
  }
  const missing = mode === 'STRICT' ? shape.required?.find((name) => members[name] === undefined) : undefined;
  if (missing !== undefined) throw schemaError(`Required field '${missing}' is missing`);
  for (const [name, member] of Object.entries(members)) {
    // A member that the model does not know is let through: the service may have learned it since.
    const known = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
    if (known !== undefined) check(member, known, name, mode);
  }
}
