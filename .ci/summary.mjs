// Prints "N passed, N failed, N skipped" from vitest's JSON report. A check before the tests that failed (types, lint) counts as one
// failure, and so does a report that is not there: no report is no success.
import { readFileSync } from 'node:fs';

const [file = '', status = '1'] = process.argv.slice(2);

function read() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

const report = read();
const passed = report?.numPassedTests ?? 0;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
// A file that cannot be loaded is a failed suite without tests.
const broken = (report?.testResults ?? []).filter(
  (one) => one.status === 'failed' && one.assertionResults.length === 0,
).length;
const found = (report?.numFailedTests ?? 0) + broken;
const failed = (status !== '0' || !report) && found === 0 ? 1 : found;

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
