import { seededRandom } from '../../ml/seeded-random.ts';

export interface LoanModelOptions {
  readonly classification?: string;
  readonly strategy?: 'retrain' | 'copy';
  /** Of every environment. */
  readonly approvals?: number;
  readonly minimumAuc?: number;
  /** How much worse than the champion in AUC; absent: not asked. */
  readonly worseByAtMost?: number;
  readonly p99Ms?: number;
  readonly description?: string;
}

/** The definition of `loan-risk`, small enough to train in a test. */
export const loanModelYaml = ({
  classification = 'internal',
  strategy = 'retrain',
  approvals = 0,
  minimumAuc = 0.5,
  worseByAtMost,
  p99Ms,
  description = 'Whether a loan defaults.',
}: LoanModelOptions = {}): string => {
  const gate = `{ approvals: ${approvals}, metrics: { auc: { min: ${minimumAuc} } }${
    worseByAtMost === undefined ? '' : `, champion: { metric: auc, worseByAtMost: ${worseByAtMost} }`
  }${p99Ms === undefined ? '' : `, performance: { p99Ms: ${p99Ms} }`} }`;
  return `model: loan-risk
description: ${description}
task: binary-classification
data:
  classification: ${classification}
  target: { column: status, positive: bad }
  rows: { min: 50, max: 100000 }
  columns:
    status: { type: category, values: [good, bad] }
    age: { type: integer, min: 18, max: 100 }
    months: { type: integer, min: 1, max: 120 }
    amount: { type: number, min: 0 }
    income: { type: number, min: 0 }
    home: { type: category, values: [rent, owner, parents], missing: 0.2 }
training: { trainer: embedded, algorithms: [logistic-regression], seed: 7, test: 0.25 }
gates:
  dev: ${gate}
  acc: ${gate}
  prd: ${gate}
promotion: { strategy: ${strategy} }
serving: { maxRows: 20 }
`;
};

/** A table that meets the contract of `loan-risk`; another seed gives other rows of the same population. */
export function loanCsv(rows = 240, seed = 1): string {
  const random = seededRandom(seed);
  const lines = ['status,age,months,amount,income,home'];
  for (let i = 0; i < rows; i++) {
    const age = 18 + random.below(60);
    const months = 6 + random.below(60);
    const amount = Math.round(random.next() * 50_000) / 10;
    const income = Math.round(random.next() * 40_000) / 10;
    const home = ['rent', 'owner', 'parents'][random.below(3)];
    const risk = amount / 5000 + (home === 'rent' ? 0.4 : 0) - age / 200;
    lines.push(
      `${random.next() < risk ? 'bad' : 'good'},${age},${months},${amount},${income},${random.next() < 0.05 ? '' : home}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
