import type { Operations } from '../../service.ts';
import { validateDefinition } from '../definition/validate-definition.ts';
import { choice, integer, readInput, required } from './input.ts';
import { definition, machineType } from './shapes.ts';

const VALIDATE = {
  definition: required(definition),
  type: machineType,
  severity: choice(['ERROR', 'WARNING']),
  maxResults: integer(0, 100),
};

/** ValidateStateMachineDefinition: every diagnostic of a definition, errors only unless warnings are asked for. */
export const definitionValidation: Operations = {
  ValidateStateMachineDefinition(input) {
    const given = readInput('ValidateStateMachineDefinition', VALIDATE, input);
    const { issues } = validateDefinition(given.definition, given.type ?? 'STANDARD');
    const wanted = given.severity === 'WARNING' ? issues : issues.filter(({ severity }) => severity === 'ERROR');
    const limit = given.maxResults || 100;
    return {
      result: issues.some(({ severity }) => severity === 'ERROR') ? 'FAIL' : 'OK',
      diagnostics: wanted
        .slice(0, limit)
        .map(({ location, ...issue }) => ({ ...issue, ...(location !== '' && { location }) })),
      truncated: wanted.length > limit,
    };
  },
};
