import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** Image URI, as training jobs give it → the program that stands for it, and the folder in which it is started. */
export type TrainingImages = Readonly<
  Record<string, { readonly command: readonly string[]; readonly directory: string }>
>;

const SHAPE = '{"local://trainer": {"command": ["node", "train.mjs"], "directory": "."}}';

/** A program starts in the folder of the file, or in `directory`, seen from there. Throws Failure that says what is wrong with the file. */
export function readTrainingImages(file: string): TrainingImages {
  const wrong = (what: string, cause?: unknown) =>
    new Failure(exitCodes.usage, `${file} names no training images: ${what}`, {
      hint: `it has to be like ${SHAPE}`,
      cause,
    });
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong((error as Error).message, error);
  }
  if (!isObject(given)) throw wrong('it is not a JSON object');
  return Object.fromEntries(
    Object.entries(given).map(([uri, image]) => {
      if (!isObject(image)) throw wrong(`"${uri}" is not an object`);
      const { command, directory = '.', ...rest } = image;
      const [unknown] = Object.keys(rest);
      if (unknown !== undefined) throw wrong(`"${uri}" has "${unknown}", which means nothing`);
      if (!Array.isArray(command) || command.length === 0 || !command.every((word) => typeof word === 'string')) {
        throw wrong(`the command of "${uri}" is not a list of words`);
      }
      if (typeof directory !== 'string') throw wrong(`the directory of "${uri}" is not text`);
      return [uri, { command: command as string[], directory: resolve(dirname(file), directory) }];
    }),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
