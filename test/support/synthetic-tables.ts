import { sigmoid } from '../../ml/exact-math.ts';
import { seededRandom } from '../../ml/seeded-random.ts';
import { type Table, TableBuilder } from '../../ml/table.ts';

/**
 * A made-up loan table: age, amount and income (numbers, income sometimes missing), home (category, sometimes missing), status good / bad, and
 * the score it was drawn from.
 */
export const loanTable = (rows: number, seed = 1): Table => {
  const random = seededRandom(seed);
  const homes = ['rent', 'owner', 'parents', 'other'];
  const builder = new TableBuilder([
    { name: 'age', kind: 'number' },
    { name: 'amount', kind: 'number' },
    { name: 'income', kind: 'number' },
    { name: 'home', kind: 'category' },
    { name: 'status', kind: 'category' },
    { name: 'score', kind: 'number' },
  ]);
  for (let i = 0; i < rows; i++) {
    const age = 18 + random.below(60);
    const amount = Math.round(random.next() * 50000) / 10;
    const income = random.next() < 0.1 ? null : Math.round(random.next() * 3000) / 10;
    const home = random.next() < 0.05 ? null : homes[random.below(homes.length)]!;
    const raised = home === 'rent' ? 1.5 : home === 'owner' ? -1.5 : 0;
    const score = amount / 1000 - (income ?? 40) / 60 + raised + (age < 25 ? 1.5 : 0) - 1;
    builder.append([[age, amount, income, home, random.next() < sigmoid(score) ? 'bad' : 'good', score]]);
  }
  return builder.build();
};

export const LOAN_FEATURES = ['age', 'amount', 'income', 'home'] as const;
