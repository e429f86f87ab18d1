import type { Environment } from './environment.ts';
import { type GateDefinition, METRICS } from './model-definition.ts';
import type { Comparison, Evaluation } from './model-version.ts';
import { type Evidence, tests } from './promotion.ts';

/** One gate's verdict, with what it asked for and what it saw. */
export interface GateResult {
  readonly gate: string;
  readonly verdict: 'passed' | 'held';
  readonly required: string;
  readonly actual: string;
}

export interface Judgement {
  readonly verdict: 'passed' | 'held';
  readonly gates: readonly GateResult[];
  /** One sentence for each gate that held. */
  readonly reasons: readonly string[];
}

const higherIsBetter = (metric: string): boolean =>
  Object.values(METRICS).some((metrics) => (metrics as Record<string, string>)[metric] === 'higher');

const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));

function gate(name: string, passed: boolean, required: string, actual: string): GateResult {
  return { gate: name, verdict: passed ? 'passed' : 'held', required, actual };
}

/** `value` is undefined when it was not measured: the gate holds, for gates fail closed. NaN compares false, and holds too. */
function bound(
  name: string,
  value: number | undefined,
  limits: { min?: number | undefined; max?: number | undefined },
): GateResult[] {
  const results: GateResult[] = [];
  const actual = value === undefined ? 'not measured' : figure(value);
  if (limits.min !== undefined)
    results.push(gate(name, value !== undefined && value >= limits.min, `≥ ${figure(limits.min)}`, actual));
  if (limits.max !== undefined)
    results.push(gate(name, value !== undefined && value <= limits.max, `≤ ${figure(limits.max)}`, actual));
  return results;
}

function againstChampion(
  definition: NonNullable<GateDefinition['champion']>,
  evaluation: Evaluation,
  comparison: Comparison | null,
): GateResult {
  const { metric, worseByAtMost } = definition;
  const required = `at most ${figure(worseByAtMost)} worse than the champion`;
  const name = `champion ${metric}`;
  if (comparison === null) return gate(name, false, required, 'not compared');
  if (comparison.champion === null) return gate(name, true, required, 'no champion yet');
  const mine = evaluation.metrics[metric];
  const theirs = comparison.champion.metrics[metric];
  if (mine === undefined || theirs === undefined) return gate(name, false, required, 'not measured');
  const worseBy = higherIsBetter(metric) ? theirs - mine : mine - theirs;
  const actual = `${figure(mine)} against ${figure(theirs)} of version ${comparison.champion.version}`;
  return gate(name, worseBy <= worseByAtMost, required, actual);
}

/** What a version is judged by. */
export interface Grounds {
  readonly evaluation: Evaluation;
  readonly comparison: Comparison | null;
  /** What was verified to be signed here, for this version. */
  readonly evidence: readonly Evidence[];
  /** People who said yes. */
  readonly approvals: number;
}

/**
 * Judges a version against the gates of an environment. Fails closed: what was not measured, not tested or not verified
 * holds.
 */
export function judge(
  environment: Environment,
  definition: GateDefinition,
  { evaluation, comparison, evidence, approvals }: Grounds,
): Judgement {
  const results: GateResult[] = [];
  for (const [metric, limits] of Object.entries(definition.metrics ?? {})) {
    results.push(...bound(metric, evaluation.metrics[metric], limits));
  }
  if (definition.champion) results.push(againstChampion(definition.champion, evaluation, comparison));
  for (const test of tests) {
    const one = evidence.find((item) => item.test === test);
    results.push(
      gate(
        `${test} test`,
        one?.verdict === 'passed',
        'passed',
        one ? (one.verdict === 'passed' ? 'passed' : one.findings.join('; ')) : 'no evidence',
      ),
    );
  }
  const performance = evidence.find((item) => item.test === 'performance')?.measurements;
  if (definition.performance?.p99Ms !== undefined) {
    results.push(...bound('p99 ms', performance?.p99Ms, { max: definition.performance.p99Ms }));
  }
  if (definition.performance?.rowsPerSecond !== undefined) {
    results.push(
      ...bound('rows per second', performance?.rowsPerSecond, { min: definition.performance.rowsPerSecond }),
    );
  }
  results.push(...bound('approvals', approvals, { min: definition.approvals }));

  const reasons = results
    .filter((result) => result.verdict === 'held')
    .map((result) => `${environment} gate "${result.gate}" held: required ${result.required}, was ${result.actual}`);
  return { verdict: reasons.length === 0 ? 'passed' : 'held', gates: results, reasons };
}
