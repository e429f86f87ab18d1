import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, digestOfTree } from './content-digest.ts';

export const stages = ['dev', 'acc', 'prd'] as const;
export type Stage = (typeof stages)[number];

/** Everything a template is made from: the same inputs are not packaged twice. */
const INPUTS = ['serverless.yml', 'deploy', 'statemachines', 'package-lock.json'];
/** What `serverless.yml` reads from the environment. */
const VARIABLES = ['SLUICE_DEV_ACCOUNT', 'SLUICE_ACC_ACCOUNT', 'SLUICE_PRD_ACCOUNT'];

export const stageDirectory = (root: string, stage: Stage): string => join(root, '.serverless', stage);

/**
 * Makes the CloudFormation templates of one stage in `.serverless/<stage>/`. Needs no network, no credentials and no code: the functions'
 * zip files are put beside them by `placeArtifacts`. False when the templates there were already those of these inputs. Throws
 * with the packager's own words when it refuses.
 */
export async function packageTemplate(root: string, stage: Stage): Promise<boolean> {
  const directory = stageDirectory(root, stage);
  const inputs = digestOf(
    JSON.stringify([
      digestOfTree(root, INPUTS),
      VARIABLES.map((name) => process.env[name] ?? null),
      digestOfTree(import.meta.dirname, ['package-stage.ts']),
    ]),
  );
  const inputsFile = join(directory, '.inputs');
  if (existsSync(inputsFile) && readFileSync(inputsFile, 'utf8') === inputs) return false;

  const workspace = layOutWorkspace(root);
  try {
    await runPackager(root, workspace, stage);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(join(root, '.serverless'), { recursive: true });
    moveFolder(join(workspace, '.serverless'), directory);
    writeFileSync(inputsFile, inputs);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
  return true;
}

/**
 * Puts the zip files of `dist/` beside a stage's templates. False when they already were there. The templates name them by a
 * folder with the time of packaging in its name; new code gets a new one, or CloudFormation would not see that it changed.
 */
export function placeArtifacts(root: string, stage: Stage): boolean {
  const directory = stageDirectory(root, stage);
  const zips = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.zip'));
  const wanted = digestOfTree(join(root, 'dist'), zips(join(root, 'dist')));
  if (digestOfTree(directory, zips(directory)) === wanted) return false;

  const isFirst = zips(directory).length === 0;
  for (const name of zips(directory)) rmSync(join(directory, name));
  for (const name of zips(join(root, 'dist'))) cpSync(join(root, 'dist', name), join(directory, name));
  if (!isFirst) renameArtifactFolder(directory);
  return true;
}

function renameArtifactFolder(directory: string): void {
  const now = new Date();
  const folder = `${now.getTime()}-${now.toISOString()}`;
  for (const name of ['cloudformation-template-update-stack.json', 'serverless-state.json']) {
    const file = join(directory, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/\b\d{13}-\d{4}-\d\d-\d\dT[\d:.]+Z/g, folder));
  }
}

/**
 * The packager empties `.serverless/` of the folder that it runs in, so stages packaged at the same time need a folder each.
 * It does not follow a link to `serverless.yml`, hence the copies.
 */
function layOutWorkspace(root: string): string {
  const workspace = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  for (const name of ['serverless.yml', 'deploy', 'statemachines', 'package.json']) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(workspace, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  // The packager looks whether the code is there and not into it, so it need not wait for the build.
  mkdirSync(join(workspace, 'dist'));
  for (const [artifact] of readFileSync(join(root, 'serverless.yml'), 'utf8').matchAll(/\bdist\/[\w-]+\.zip\b/g)) {
    writeFileSync(join(workspace, artifact), '');
  }
  return workspace;
}

function runPackager(root: string, workspace: string, stage: Stage): Promise<void> {
  // Not `node_modules/.bin/osls`: its shebang would take whichever node comes first on PATH.
  const osls = join(root, 'node_modules', 'osls', 'bin', 'serverless.js');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
  const child = spawn(process.execPath, [osls, 'package', '--stage', stage], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'osls') },
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      const said = Buffer.concat(output).toString('utf8').trim();
      reject(new Error(`serverless.yml cannot be packaged for ${stage}:\n${said}`));
    });
  });
}

/** A rename where both are on one file system; the system's temporary folder often is on another. */
function moveFolder(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    cpSync(from, to, { recursive: true });
  }
}
