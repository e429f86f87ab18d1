import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { unzipSync, zipSync } from 'fflate';

export interface UnpackedCode {
  /** Relative to the folder that was given. */
  readonly directory: string;
  /** Of the package, base64. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** AWS's own limit on an unpacked package. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_UNPACKED_BYTES = 250 * 1024 * 1024;
const MOST_FILES = 20_000;

/**
 * Unpacks a function's package into `functions/NAME/SHA256/`. A package that is there already is not unpacked again. Throws Error when it is no
 * ZIP, too large, or has a path that leads out of its folder.
 */
export function unpackCode(accountDirectory: string, functionName: string, zip: Uint8Array): UnpackedCode {
  const hash = createHash('sha256').update(zip).digest();
  const directory = join('functions', functionName, hash.toString('hex'));
  const code = { directory, sha256: hash.toString('base64'), sizeBytes: zip.length };
  const target = join(accountDirectory, directory);
  if (existsSync(target)) return code;

  const files = readZip(functionName, zip);
  // Beside its place and then moved, so that a folder with the hash's name is always whole.
  const unpacking = join(accountDirectory, 'functions', functionName, `unpacking-${randomUUID()}`);
  try {
    for (const [path, bytes] of files) {
      const file = join(unpacking, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    // Ends Node's search for a package.json: otherwise the one of this repository would make every `.js` an ES module.
    const packageFile = join(accountDirectory, 'functions', 'package.json');
    if (!existsSync(packageFile)) writeFileSync(packageFile, '{}\n');
    renameSync(unpacking, target);
  } catch (error) {
    rmSync(unpacking, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return code;
}

/** A package of one file: what `Code.ZipFile` of a template means for Node. */
export const zipInlineCode = (source: string): Uint8Array =>
  // A fixed time: the same source has to give the same bytes, and so the same hash.
  zipSync({ 'index.js': [new TextEncoder().encode(source), { mtime: new Date('2026-01-01T00:00:00Z') }] });

function readZip(functionName: string, zip: Uint8Array): ReadonlyMap<string, Uint8Array> {
  let total = 0;
  let count = 0;
  const entries = unzip(functionName, zip, ({ name, originalSize }) => {
    total += originalSize;
    count++;
    if (total > MOST_UNPACKED_BYTES || count > MOST_FILES) {
      throw new Error(
        `The package of ${functionName} is too large: at most ${MOST_UNPACKED_BYTES} bytes in ${MOST_FILES} files.`,
      );
    }
    checkPath(functionName, name);
    return !name.endsWith('/');
  });
  if (count === 0) throw new Error(`The package of ${functionName} is empty.`);
  return new Map(Object.entries(entries));
}

function unzip(
  functionName: string,
  zip: Uint8Array,
  filter: (file: { name: string; originalSize: number }) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(zip, { filter });
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(
      reason.startsWith('The package') ? reason : `The package of ${functionName} is no ZIP file: ${reason}`,
    );
  }
}

function checkPath(functionName: string, path: string): void {
  const normal = posix.normalize(path);
  if (
    path.includes('\\') ||
    path.includes('\0') ||
    posix.isAbsolute(path) ||
    normal === '..' ||
    normal.startsWith('../')
  ) {
    throw new Error(`The package of ${functionName} has a path that leads out of it: ${path}`);
  }
}
