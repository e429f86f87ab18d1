/** Writes model-definition.schema.json anew: `node contracts/model-definition/write-json-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { modelDefinitionJsonSchema } from './json-schema.ts';

writeFileSync(
  new URL('model-definition.schema.json', import.meta.url),
  `${JSON.stringify(modelDefinitionJsonSchema(), null, 2)}\n`,
);
