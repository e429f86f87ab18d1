import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the suites said when they were run last: `npm run generate` writes it where it finds the recordings. */
export interface ConformanceFigures {
  readonly figures: readonly { readonly suite: string; readonly passed: number; readonly total: number }[];
  /** Recordings that are not met, or not wholly, and what of them is not. */
  readonly left: readonly { readonly id: string; readonly what: 'outcome' | 'history' }[];
  readonly notJudged: readonly { readonly id: string; readonly reason: string }[];
}

export const FIGURES_FILE = 'local/support/conformance-figures.json';

export const readFigures = (): ConformanceFigures =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'conformance-figures.json'), 'utf8')) as ConformanceFigures;

/** Why a recording is not met, by the end of its id; written by hand, each is asked for. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  'TestTaskLambda::test_invoke_json_values[0.0]':
    'a function that answers `0.0` is said to have answered `0`: numbers that a task answers are read as JavaScript reads them, only input that goes on untouched keeps its text',
  'TestTimeouts::test_service_lambda_map_timeout':
    'a race: four iterations time out in the same instant, and AWS happened to note them in another order than that of their start',
  'TestBaseScenarios::test_lambda_service_invoke_sync_execution':
    'an Express execution, which has no history, of a function whose answer was not kept',
};

export const explanationOf = (id: string): string | undefined =>
  Object.entries(EXPLANATIONS).find(([end]) => id.endsWith(end))?.[1];

export const explained = (): readonly string[] => Object.keys(EXPLANATIONS);
