/** `npm run package -- --stage dev|acc|prd` or `-- --all`: builds the functions and packages the deployment. No network, no credentials. */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { packageDeployment, type Stage, stages } from './package-deployment.ts';

const USAGE = `Usage: npm run package -- --stage ${stages.join('|')}, or npm run package -- --all`;
const isStage = (text: string | undefined): text is Stage => stages.some((stage) => stage === text);

const { values } = parseArgs({ options: { stage: { type: 'string' }, all: { type: 'boolean' } } });
const wanted = values.all ? stages : isStage(values.stage) ? [values.stage] : [];
if (wanted.length === 0) {
  console.error(values.stage === undefined ? USAGE : `There is no stage "${values.stage}". ${USAGE}`);
  process.exit(2);
}

const root = join(import.meta.dirname, '..');
try {
  const packaged = await packageDeployment(root, wanted);
  for (const { stage, directory, packaged: isNew } of packaged.stages) {
    console.log(`${stage}: ${relative(root, directory)}/ ${isNew ? 'packaged' : 'is up to date'}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
