import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseModelDefinition } from '../../contracts/model-definition/parse.ts';
import type { RecipeBundle } from '../../domain/recipe.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** Training code stands here, beside model.yaml. Everything else in the folder (data, notes) stays where it is. */
const CODE_FOLDER = 'training';
const LARGEST_FILE_BYTES = 256 * 1024;
const LARGEST_BUNDLE_BYTES = 4 * 1024 * 1024;

/**
 * The recipe of a model project: `model.yaml` and the text files below `training/`. Throws Failure with every problem of
 * `model.yaml`, each as `file:line:column`.
 */
export function readRecipe(directory: string, commit: string | null): RecipeBundle {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Failure(exitCodes.usage, `There is no folder ${directory}`);
  }
  const definitionFile = join(directory, 'model.yaml');
  if (!existsSync(definitionFile)) {
    throw new Failure(exitCodes.usage, `${directory} holds no model.yaml`, {
      hint: 'copy examples/credit-risk/model.yaml and change it',
    });
  }
  const text = readText(definitionFile);
  const parsed = parseModelDefinition(text, definitionFile);
  if (!parsed.ok) {
    throw new Failure(exitCodes.usage, `${definitionFile} cannot be used:\n${parsed.message}`, {
      hint: 'each line names its place; examples/credit-risk/model.yaml shows what is meant',
    });
  }
  const files: Record<string, string> = { 'model.yaml': text };
  for (const path of filesBelow(join(directory, CODE_FOLDER)))
    files[relative(directory, path).split(sep).join('/')] = readText(path);
  const bytes = Object.values(files).reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  if (bytes > LARGEST_BUNDLE_BYTES) {
    throw new Failure(exitCodes.usage, `The recipe has ${bytes} bytes; at most ${LARGEST_BUNDLE_BYTES} are accepted`);
  }
  return { kind: 'sluice.recipe/1', model: parsed.definition.model, files, commit };
}

function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  if (bytes.length > LARGEST_FILE_BYTES) {
    throw new Failure(
      exitCodes.usage,
      `${file} has ${bytes.length} bytes; a file of a recipe has at most ${LARGEST_FILE_BYTES}`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure(exitCodes.usage, `${file} is not UTF-8 text, and a recipe holds only text`, { cause: error });
  }
}
