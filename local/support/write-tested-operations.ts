import { readFileSync, writeFileSync } from 'node:fs';
import type { TestedOperation } from './answered-requests.ts';
import { TESTED_FILE, testedOperations } from './tested-operations.ts';

/** `npm run tested-operations`: makes `tested-operations.json` of what the tests recorded (the file that is given, one operation a line). */
const recorded = readFileSync(process.argv[2] as string, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as TestedOperation);
const tested = testedOperations(recorded);
writeFileSync(TESTED_FILE, `${JSON.stringify(tested, null, 2)}\n`);
const count = Object.values(tested).reduce((sum, operations) => sum + Object.keys(operations).length, 0);
process.stdout.write(`${count} operations are driven by tests\n`);
