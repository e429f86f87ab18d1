import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';

/** The first bytes of formats that people upload by mistake, longest first where one begins as another. */
const SIGNATURES: readonly (readonly [bytes: readonly number[], name: string, advice: string])[] = [
  [[0x50, 0x41, 0x52, 0x45], 'an encrypted Parquet file', 'write it without encryption: the bucket encrypts it'],
  [[0x1f, 0x8b], 'gzip-compressed', 'decompress it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd-compressed', 'decompress it first'],
  [[0x42, 0x5a, 0x68], 'bzip2-compressed', 'decompress it first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz-compressed', 'decompress it first'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7z archive', 'unpack it first'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook (.xls)', 'save it as CSV UTF-8'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF', 'export the table as CSV'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG image', ''],
  [[0xff, 0xd8, 0xff], 'a JPEG image', ''],
  [[0x47, 0x49, 0x46, 0x38], 'a GIF image', ''],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], 'an SQLite database', 'export the table as CSV'],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], 'an Arrow (Feather) file', 'write it as Parquet'],
  [[0x46, 0x45, 0x41, 0x31], 'a Feather file', 'write it as Parquet'],
  [[0x4f, 0x62, 0x6a, 0x01], 'an Avro file', 'write it as Parquet'],
  [[0x4f, 0x52, 0x43], 'an ORC file', 'write it as Parquet'],
  [[0x89, 0x48, 0x44, 0x46], 'an HDF5 file', 'write it as Parquet'],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'a NumPy array', 'write it as CSV with a header'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program (ELF)', ''],
  [[0x80, 0x02], 'a Python pickle', 'write it as CSV or Parquet'],
  [[0x80, 0x03], 'a Python pickle', 'write it as CSV or Parquet'],
  [[0x80, 0x04], 'a Python pickle', 'write it as CSV or Parquet'],
  [[0x80, 0x05], 'a Python pickle', 'write it as CSV or Parquet'],
];

const PARQUET = [0x50, 0x41, 0x52, 0x31];
const ZIP = [0x50, 0x4b];

/**
 * The format by its first bytes: a key's extension says what somebody meant, not what is there.
 * Throws TableUnreadable for a format that is known and not read.
 */
export function formatOf(head: Uint8Array, key: string): 'csv' | 'parquet' {
  if (startsWith(head, PARQUET)) return 'parquet';
  if (startsWith(head, ZIP) && [0x03, 0x05, 0x07].includes(head[2] ?? 0)) throw zipFound(head, key);
  for (const [bytes, name, advice] of SIGNATURES) if (startsWith(head, bytes)) throw looksLike(key, name, advice);
  const text = Buffer.from(head.subarray(0, 64))
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (/^[{[]/.test(text)) throw looksLike(key, 'JSON', 'write it as CSV with a header');
  if (/^<(\?xml|!doctype|html|[a-z]+[\s>])/i.test(text))
    throw looksLike(key, 'HTML or XML', 'is it an error page that was saved as data?');
  return 'csv';
}

const startsWith = (head: Uint8Array, bytes: readonly number[]): boolean =>
  head.length >= bytes.length && bytes.every((byte, index) => head[index] === byte);

function zipFound(head: Uint8Array, key: string): TableUnreadable {
  const names = Buffer.from(head).toString('latin1');
  return /xl\/|\[Content_Types\]/.test(names)
    ? looksLike(key, 'an Excel workbook (.xlsx)', 'save the sheet as CSV UTF-8')
    : looksLike(key, 'a ZIP archive', 'unpack it first');
}

const looksLike = (key: string, name: string, advice: string): TableUnreadable =>
  new TableUnreadable({
    rule: 'format',
    message: `${key} is ${name}. A table must be CSV or Parquet${advice === '' ? '' : `: ${advice}`}.`,
  });
