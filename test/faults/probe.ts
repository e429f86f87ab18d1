import { mkdirSync, writeFileSync, rmSync, openSync, writeSync, closeSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { startRuntime } from '../../local/runtime.ts';
const accounts = [{ accountId: '111111111111', name: 'one' }];
const base = '/tmp/j/probe'; rmSync(base, { recursive: true, force: true }); mkdirSync(base, { recursive: true });
const attempt = async (what: string, directory: string) => {
  try { const r = await startRuntime({ directory, port: 0, accounts, region: 'eu-west-1', log: (...a) => console.log('LOG', ...a) }); await r.stop(); console.log(what, 'STARTED'); }
  catch (e) { console.log(what, '=>', (e as Error).message.slice(0, 300), (e as { code?: string }).code, (e as { errcode?: number }).errcode); }
};
const d = `${base}/a`; await attempt('fresh', d);
const db = `${d}/111111111111/store.db`;
const size = statSync(db).size;
// garbage header
const whole = (await import('node:fs')).readFileSync(db);
writeFileSync(db, 'this is not a database at all, not even a bit of one '.repeat(100)); await attempt('garbage', d);
const mid = Buffer.from(whole); mid.fill(0xab, 4096, Math.min(size, 40960)); writeFileSync(db, mid); await attempt('middle', d);
writeFileSync(db, whole.subarray(0, Math.floor(size / 2))); await attempt('truncated', d);
writeFileSync(db, ''); await attempt('empty store', d);
writeFileSync(`${base}/file`, ''); await attempt('directory is a file', `${base}/file`);
const ro = `${base}/ro`; mkdirSync(ro); execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', ro]);
execFileSync('mount', ['-o', 'remount,ro', ro]); await attempt('read-only', ro);
execFileSync('mount', ['-o', 'remount,rw,size=64k', ro]); await attempt('no room at start', ro);
execFileSync('umount', [ro]);
