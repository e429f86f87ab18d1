import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventSchemaFiles } from '../contracts/events/json-schema.ts';
import { modelDefinitionJsonSchema } from '../contracts/model-definition/json-schema.ts';
import { FIGURES_FILE, readFigures } from '../local/support/conformance-figures.ts';
import { supportPage } from '../local/support/support-page.ts';
import { measureFigures } from '../test/conformance/figures.ts';
import { withStateErrors } from './state-errors.ts';

/**
 * Writes the JSON Schemas that are made from the contracts' own schemas, the page on what the local runtime does, and the table of what states may raise. `--check` writes nothing
 * and fails when one is out of date.
 */
const check = process.argv.includes('--check');
// Where the recordings are not, the figures stay as they were measured.
const figures = (await measureFigures()) ?? readFigures();
const schemas: Record<string, unknown> = {
  ...eventSchemaFiles(),
  'contracts/model-definition/model-definition.schema.json': modelDefinitionJsonSchema(),
};
const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(schemas).map(([file, schema]) => [file, `${JSON.stringify(schema, null, 2)}\n`]),
  ),
  [FIGURES_FILE]: `${JSON.stringify(figures, null, 2)}\n`,
  'local/SUPPORT.md': supportPage(figures),
  'statemachines/README.md': withStateErrors(
    readFileSync(new URL('../statemachines/README.md', import.meta.url), 'utf8'),
    join(import.meta.dirname, '..'),
  ),
};
const stale = Object.entries(files).filter(([file, text]) => {
  const url = new URL(`../${file}`, import.meta.url);
  try {
    if (readFileSync(url, 'utf8') === text) return false;
  } catch {
    // Not there yet: it is written.
  }
  if (!check) writeFileSync(url, text);
  return true;
});
for (const [file] of stale) console.log(check ? `${file} is out of date: run "npm run generate"` : `wrote ${file}`);
if (check && stale.length > 0) process.exitCode = 1;
