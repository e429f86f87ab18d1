import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK = 512;
/** What eleven octal digits hold. */
const LARGEST_BYTES = 8 ** 11 - 1;

interface Entry {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly bytes: number;
  readonly mode: number;
  readonly modifiedSeconds: number;
  readonly target: string;
}

/**
 * The contents of a folder as a tar archive (POSIX ustar, with pax headers for names that do not fit), names relative to the folder,
 * in alphabetical order. Sockets, pipes and devices are left out.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export async function* tarOf(folder: string): AsyncGenerator<Buffer> {
  for await (const entry of entriesIn(folder, '')) {
    yield* headersOf(entry);
    if (entry.type !== 'file') continue;
    let sent = 0;
    // A file that grows while it is read must not push the rest of the archive away.
    for await (const piece of createReadStream(join(folder, entry.path), { end: Math.max(entry.bytes - 1, 0) })) {
      const part = (piece as Buffer).subarray(0, entry.bytes - sent);
      sent += part.length;
      yield part;
    }
    if (sent < entry.bytes) throw new Error(`${entry.path} became shorter while it was packed`);
    yield Buffer.alloc((BLOCK - (sent % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

async function* entriesIn(folder: string, inside: string): AsyncGenerator<Entry> {
  for (const name of (await readdir(join(folder, inside))).sort()) {
    const path = inside === '' ? name : `${inside}/${name}`;
    const stat = await lstat(join(folder, path));
    const common = { mode: stat.mode & 0o777, modifiedSeconds: Math.floor(stat.mtimeMs / 1000), target: '' };
    if (stat.isDirectory()) {
      yield { ...common, path: `${path}/`, type: 'directory', bytes: 0 };
      yield* entriesIn(folder, path);
    } else if (stat.isSymbolicLink()) {
      yield { ...common, path, type: 'symlink', bytes: 0, target: await readlink(join(folder, path)) };
    } else if (stat.isFile()) {
      if (stat.size > LARGEST_BYTES) throw new Error(`${path} is larger than a tar archive can hold (8 GiB)`);
      yield { ...common, path, type: 'file', bytes: stat.size };
    }
  }
}

const TYPES = { file: '0', directory: '5', symlink: '2' } as const;

function* headersOf(entry: Entry): Generator<Buffer> {
  const records = [
    ...(fits(entry.path) ? [] : [paxRecord('path', entry.path)]),
    ...(fits(entry.target) ? [] : [paxRecord('linkpath', entry.target)]),
  ];
  if (records.length > 0) {
    const data = Buffer.concat(records);
    yield header({ name: 'pax', type: 'x', bytes: data.length, mode: 0o644, modifiedSeconds: 0, target: '' });
    yield Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
  }
  yield header({ ...entry, name: entry.path, type: TYPES[entry.type] });
}

const fits = (text: string): boolean => Buffer.byteLength(text) <= 100;

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length = bytes + String(length).length;
  return Buffer.from(`${length}${rest}`);
}

interface Header {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly mode: number;
  readonly modifiedSeconds: number;
  readonly target: string;
}

function header({ name, type, bytes, mode, modifiedSeconds, target }: Header): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  Buffer.from(name).copy(block, 0, 0, 100);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(bytes, 11), 124);
  block.write(octal(modifiedSeconds, 11), 136);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  Buffer.from(target).copy(block, 157, 0, 100);
  block.write('ustar\u000000', 257, 'latin1');
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${octal(checksum, 6)}\u0000 `, 148, 'latin1');
  return block;
}
