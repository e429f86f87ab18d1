import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../service.ts';
import { readItems } from './item-reader.ts';
import type { ListPage, ObjectStorage } from './object-storage.ts';

const ROLE = { roleArn: 'arn:aws:iam::111111111111:role/r', sessionName: 's' };

/** One object under any key, handed out in pieces of `pieceBytes`; files of an inventory by their keys. */
function storageOf(body: string, files: Readonly<Record<string, Buffer>> = {}, pieceBytes = 3): ObjectStorage {
  return {
    async get(_role, _bucket, key) {
      const bytes = files[key] ?? Buffer.from(body);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
      return Readable.from(pieces);
    },
    list: async () => ({ objects: [], continuationToken: undefined }),
    put: async () => {},
  };
}

async function read(storage: ObjectStorage, config: JsonObject, action: 'getObject' | 'listObjectsV2' = 'getObject') {
  const items: unknown[] = [];
  const settings = { action, parameters: { Bucket: 'b', Key: 'k' }, config };
  for await (const { value } of readItems(settings, storage, ROLE)) items.push(value);
  return items;
}

const CSV = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

describe('an ItemReader', () => {
  it.each([
    [
      'quotes, delimiters and line breaks in quotes',
      'a,b\n"1,2","say ""é""\nthere"\n',
      CSV,
      [{ a: '1,2', b: 'say "é"\nthere' }],
    ],
    [
      'CRLF and no last line break',
      'a,b\r\n1,2\r\n"3",4',
      CSV,
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['another delimiter', 'a|b\n1|2,3\n', { ...CSV, CSVDelimiter: 'PIPE' }, [{ a: '1', b: '2,3' }]],
    ['empty lines, which are no rows', 'a\n\n1\n\n', CSV, [{ a: '1' }]],
  ])('reads CSV with %s', async (_case, body, config, expected) => {
    expect(await read(storageOf(body), config)).toEqual(expected);
  });

  it('reads JSON Lines, characters of several bytes over the edges of pieces included', async () => {
    expect(await read(storageOf('{"a":"é€"}\n\n[1]\n"x"'), { InputType: 'JSONL' })).toEqual([{ a: 'é€' }, [1], 'x']);
  });

  it('reads the array that an ItemsPointer leads to', async () => {
    const body = JSON.stringify({ 'a/b': [{ '~': [1, 2] }] });
    expect(await read(storageOf(body), { InputType: 'JSON', ItemsPointer: '/a~1b/0/~0' })).toEqual([1, 2]);
  });

  it('reads no more items than MaxItems', async () => {
    expect(await read(storageOf('[1,2,3]'), { InputType: 'JSON', MaxItems: 2 })).toEqual([1, 2]);
  });

  it('reads the files that the manifest of an inventory names', async () => {
    const manifest = {
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key',
      files: [{ key: 'one.csv.gz' }, { key: 'two.csv.gz' }],
    };
    const files = {
      'one.csv.gz': gzipSync('"b","x"\n"b","y"\n'),
      'two.csv.gz': gzipSync('"b","z"\n'),
    };
    const items = await read(storageOf(JSON.stringify(manifest), files), { InputType: 'MANIFEST' });
    expect(items).toEqual(['x', 'y', 'z'].map((Key) => ({ Bucket: 'b', Key })));
  });

  it('lists page after page', async () => {
    const page = (Key: string, continuationToken?: string): ListPage => ({
      objects: [{ Key, Etag: '"e"', LastModified: 0, Size: 1, StorageClass: 'STANDARD' }],
      continuationToken,
    });
    const storage = {
      ...storageOf(''),
      list: async (_role: unknown, _bucket: string, _prefix: string, token: string | undefined) =>
        token === undefined ? page('a', 't1') : token === 't1' ? page('b', 't2') : page('c'),
    };
    expect((await read(storage, {}, 'listObjectsV2')).map((item) => (item as { Key: string }).Key)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it.each([
    ['JSON that is none', '{', { InputType: 'JSON' }, 'not valid JSON'],
    ['a line of JSON Lines that is none', '1\n{', { InputType: 'JSONL' }, 'not valid JSON'],
    ['a pointer to nowhere', '{}', { InputType: 'JSON', ItemsPointer: '/a' }, 'ItemsPointer'],
    ['an inventory in another format', '{"fileFormat":"ORC"}', { InputType: 'MANIFEST' }, 'ORC'],
  ])('fails the run for %s', async (_case, body, config, cause) => {
    await expect(read(storageOf(body), config)).rejects.toMatchObject({
      failure: { error: 'States.ItemReaderFailed', cause: expect.stringContaining(cause) },
    });
  });
});
