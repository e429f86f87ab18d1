import { toJsonSchema } from '@valibot/to-json-schema';
import { modelDefinitionSchema } from './schema.ts';

/** The JSON Schema of model.yaml for editors. Cross-field rules are not in it: parseModelDefinition checks those. */
export const modelDefinitionJsonSchema = () => ({
  ...toJsonSchema(modelDefinitionSchema, { typeMode: 'input', errorMode: 'ignore' }),
  title: 'Sluice model definition',
  description: 'A model.yaml: data contract, training, gates per environment, promotion and serving.',
});
