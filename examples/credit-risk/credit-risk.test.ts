import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../adapters/tables/open-table.ts';
import { readColumns } from '../../adapters/tables/read-columns.ts';
import { memorySource } from '../../adapters/tables/table-source.ts';
import { parseModelDefinition } from '../../contracts/model-definition/parse.ts';
import { createDataValidator } from '../../domain/data-contract/data-validator.ts';
import { trainingFeatures } from '../../domain/data-contract/training-features.ts';
import { environments } from '../../domain/environment.ts';
import type { MetricName } from '../../domain/model-definition.ts';
import { evaluateModel } from '../../ml/evaluate-model.ts';
import { holdout } from '../../ml/holdout.ts';
import { numericMetrics } from '../../ml/numeric-metrics.ts';
import { train } from '../../ml/train.ts';
import { splitTable } from './split.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url));
const rowsOf = (text: string) => text.split('\n').slice(1, -1);

const parsed = parseModelDefinition(read('model.yaml').toString(), 'model.yaml');
if (!parsed.ok) throw new Error(parsed.message);
const definition = parsed.definition;

describe('the split of the credit data', () => {
  const whole = read('data/credit_data.csv').toString();
  const split = splitTable(whole);

  it.each(environments)('%s.csv is what split.ts makes: node examples/credit-risk/split.ts', (environment) => {
    expect(read(`data/${environment}.csv`).toString()).toBe(split[environment]);
  });

  it('has every row once, near a quarter, a quarter and a half', () => {
    const { dev, acc, prd } = split;
    expect([...rowsOf(dev), ...rowsOf(acc), ...rowsOf(prd)].sort()).toEqual(rowsOf(whole).sort());
    expect(rowsOf(dev).length / 4454).toBeCloseTo(0.25, 1);
    expect(rowsOf(acc).length / 4454).toBeCloseTo(0.25, 1);
  });

  it('puts no row into two environments', () => {
    const inDev = new Set(rowsOf(split.dev));
    const inAcc = new Set(rowsOf(split.acc));
    expect(rowsOf(split.acc).filter((row) => inDev.has(row))).toEqual([]);
    expect(rowsOf(split.prd).filter((row) => inDev.has(row) || inAcc.has(row))).toEqual([]);
  });
});

describe.each(environments)('the data of %s', (environment) => {
  const open = () => openTable(memorySource(read(`data/${environment}.csv`), `${environment}.csv`));

  it('meets the contract of model.yaml', async () => {
    const validator = createDataValidator(definition.data);
    const table = await open();
    validator.header(table.header);
    for await (const { firstRow, rows } of table.batches()) {
      rows.forEach((cells, index) => {
        validator.row(firstRow + index, cells);
      });
    }
    expect(validator.finish()).toMatchObject({ verdict: 'accepted', violations: [] });
  });

  it('trains a model that meets the metrics of its gate', async () => {
    const { data, task, training, gates } = definition;
    const target = data.target.column;
    const features = trainingFeatures(data);
    const table = await readColumns([await open()], data);
    const { seed, algorithms } = training;
    const split = holdout({ table, target, features, testShare: training.test, seed });
    const { model } = train({
      table,
      target,
      task,
      features,
      seed,
      algorithms,
      split,
      positive: data.target.positive!,
    });
    const metrics = numericMetrics(evaluateModel(model, table, split.test).metrics);

    for (const [metric, { min, max }] of Object.entries(gates[environment].metrics)) {
      expect(metrics[metric as MetricName], metric).toBeGreaterThanOrEqual(min ?? -Infinity);
      expect(metrics[metric as MetricName], metric).toBeLessThanOrEqual(max ?? Infinity);
    }
  });
});
