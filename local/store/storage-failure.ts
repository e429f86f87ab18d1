/** SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const SQLITE = { READONLY: 8, IOERR: 10, CORRUPT: 11, FULL: 13, CANTOPEN: 14, NOTADB: 26 } as const;

const NO_ROOM = 'there is no room left on its disk: free some, and what was acknowledged is still there';
const NOT_WRITABLE = 'it cannot be written: choose another folder, or make this one writable for you';
const DAMAGED =
  'it is damaged, by something other than the runtime: put back a copy of the folder, or remove the folder to begin from nothing';
const UNREADABLE = 'its disk did not read or write what it was asked to: see the log of the system';

/**
 * What is wrong with the place where a runtime keeps its state, in words and with what to do, where that is why something failed;
 * undefined for every other error.
 */
export function storageFailure(error: unknown): string | undefined {
  const { code, errcode, syscall } = error as { code?: unknown; errcode?: unknown; syscall?: unknown };
  if (typeof errcode === 'number') {
    // The extended codes have the primary one in their lowest byte.
    switch (errcode & 0xff) {
      case SQLITE.FULL:
        return NO_ROOM;
      case SQLITE.READONLY:
      case SQLITE.CANTOPEN:
        return NOT_WRITABLE;
      case SQLITE.CORRUPT:
      case SQLITE.NOTADB:
        return DAMAGED;
      case SQLITE.IOERR:
        return UNREADABLE;
    }
    return undefined;
  }
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return NO_ROOM;
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return NOT_WRITABLE;
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file is where a folder has to be: choose another folder';
    case 'ENOENT':
      // What Node says of `mkdir -p` where nothing can be written.
      return syscall === 'mkdir' ? NOT_WRITABLE : undefined;
    case 'EIO':
      return UNREADABLE;
  }
  return undefined;
}
