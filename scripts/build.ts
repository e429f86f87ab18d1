/** `npm run build`: bundles the functions into `dist/`. */
import { join } from 'node:path';
import { buildFunctions } from './build-functions.ts';
import { oneAtATime } from './one-at-a-time.ts';

const root = join(import.meta.dirname, '..');
const startedMs = performance.now();
const { built, unchanged } = await oneAtATime(root, () => buildFunctions(root));
const seconds = ((performance.now() - startedMs) / 1000).toFixed(2);
console.log(`${built.length} functions built, ${unchanged.length} unchanged, ${seconds} s`);
