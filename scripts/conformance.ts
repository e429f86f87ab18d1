import { parseArgs } from 'node:util';
import { eventbridgeFuzz, eventbridgePatterns } from '../test/conformance/eventbridge-patterns.ts';
import { eventbridgeTransformers } from '../test/conformance/eventbridge-transformers.ts';
import { stepFunctions } from '../test/conformance/step-functions-suite.ts';
import { reasonToSkip, runSuite, type Suite, type SuiteReport } from '../test/conformance/suite.ts';

/** Every suite that can be run by name. */
const SUITES: readonly Suite[] = [eventbridgePatterns, eventbridgeFuzz, eventbridgeTransformers, stepFunctions];

const USAGE = `usage: node scripts/conformance.ts SUITE [--cases FILE] [--json]
  suites: ${SUITES.map(({ name }) => name).join(', ')}`;

/** Exit status: 0 all cases pass, 1 some do not, 2 the suite could not be run. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cases: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const suite = SUITES.find(({ name }) => name === positionals[0]);
  if (!suite || positionals.length !== 1) {
    console.error(USAGE);
    return 2;
  }
  const skip = values.cases === undefined ? reasonToSkip(suite) : undefined;
  if (skip) {
    console.error(`${suite.name}: skipped, ${skip}`);
    return 2;
  }
  let report: SuiteReport;
  try {
    report = await runSuite(suite, values.cases);
  } catch (error) {
    console.error(`${suite.name}: could not be run: ${(error as Error).message}`);
    return 2;
  }
  if (values.json) {
    console.log(JSON.stringify(report));
  } else {
    for (const { id, expected, actual } of report.failed) {
      console.log(`✗ ${id}\n    expected ${JSON.stringify(expected)}\n    actual   ${JSON.stringify(actual)}`);
    }
    console.log(`${report.suite}: ${report.passed} of ${report.total} passed`);
  }
  return report.failed.length === 0 ? 0 : 1;
}

process.exitCode = await main();
