import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';

const deflate = promisify(deflateRaw);

/** 1980-01-01 00:00, the first moment that the format can say: the same content is the same bytes whenever it is packed. */
const DOS_DATE = (1 << 5) | 1;
const DOS_TIME = 0;
const VERSION = 20;
const DEFLATE = 8;

/**
 * A zip archive of one file, readable by everybody. Deflated on the thread pool: packing thirty bundles one after the other took half the build.
 * The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7 to 4.3.16.
 */
export async function zipArchive(name: string, content: Uint8Array): Promise<Uint8Array> {
  const fileName = Buffer.from(name, 'utf8');
  const packed = await deflate(content, { level: 6 });

  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(VERSION, 0);
  shared.writeUInt16LE(0, 2);
  shared.writeUInt16LE(DEFLATE, 4);
  shared.writeUInt16LE(DOS_TIME, 6);
  shared.writeUInt16LE(DOS_DATE, 8);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(packed.byteLength, 14);
  shared.writeUInt32LE(content.byteLength, 18);
  shared.writeUInt16LE(fileName.byteLength, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, fileName, packed]);

  const attributes = Buffer.alloc(14);
  // Upper half: a regular file that all may read and its owner may write, as on Unix (made by 3 << 8).
  attributes.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  const madeBy = Buffer.from([VERSION, 3]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, shared, attributes, fileName]);

  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.byteLength, 8);
  end.writeUInt32LE(local.byteLength, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
