import { beforeEach, describe, expect, it } from 'vitest';
import { loanCsv } from '../../test/support/loan-model.ts';
import { MODEL, World } from '../../test/support/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
  world.giveRecipe({ classification: 'confidential' });
});

let uploads = 0;
/** Snapshots a file and validates it, as two states of one run. */
async function validate(
  content: string | Uint8Array | readonly string[],
  { replayed = false, kind = 'data' as 'data' | 'code' } = {},
) {
  uploads += 1;
  const as = { runId: `run-${uploads}` };
  const contents = Array.isArray(content) ? (content as string[]) : [content as string];
  const objects = contents.map((one, index) => {
    const key = `${MODEL}/${uploads}-${index}.csv`;
    return { key, versionId: world.objects.put(world.dataBucket, key, one) };
  });
  const recipe = (await world.registry.currentRecipe(MODEL))?.recipeDigest as string;
  const trigger = kind === 'data' ? { kind, arrivalId: `arrival-${uploads}` } : { kind, recipeDigest: recipe };
  const start = { model: MODEL, trigger, arrival: { objects }, recipeDigest: null };
  const { bytes: _, ...pinned } = await world.invoke('snapshot-dataset', start, as);
  const output = await world.invoke('validate-dataset', { ...pinned, trigger, replayed }, as);
  return { ...output, dataset: await world.registry.dataset(MODEL, pinned.datasetDigest), facts: world.registry.facts };
}

describe('a dataset that meets its contract', () => {
  it('is accepted with its rows and the classification of the contract', async () => {
    const { verdict, rows, reasons, dataset, facts } = await validate(loanCsv(100));
    expect({ verdict, rows, reasons }).toEqual({ verdict: 'accepted', rows: 100, reasons: [] });
    expect(dataset).toMatchObject({ verdict: 'accepted', rows: 100, classification: 'confidential', violations: [] });
    expect(facts).toMatchObject([{ type: 'Dataset Accepted', data: { rows: 100, classification: 'confidential' } }]);
  });

  it('may come in several objects, each with its header', async () => {
    const { verdict, rows } = await validate([loanCsv(60, 1), loanCsv(50, 2)]);
    expect({ verdict, rows }).toEqual({ verdict: 'accepted', rows: 110 });
  });

  it('is rejected when its bytes come a second time, and stays accepted', async () => {
    const csv = loanCsv(100);
    await validate(csv);
    const { verdict, reasons, dataset, facts } = await validate(csv);
    expect(verdict).toBe('rejected');
    expect(reasons).toEqual([expect.stringContaining('the same bytes arrived before')]);
    expect(dataset).toMatchObject({ verdict: 'accepted' });
    expect(facts[1]).toMatchObject({ type: 'Dataset Rejected', data: { violations: [{ rule: 'duplicate' }] } });
  });

  it.each([
    { case: 'a person replays it', how: { replayed: true } },
    { case: 'a new recipe trains on it', how: { kind: 'code' as const } },
  ])('is accepted again where $case', async ({ how }) => {
    const csv = loanCsv(100);
    await validate(csv);
    expect(await validate(csv, how)).toMatchObject({ verdict: 'accepted' });
  });
});

describe('a dataset that does not', () => {
  const header = 'status,age,months,amount,income,home';
  const rows = (n: number, row: string) => Array.from({ length: n }, () => row);
  it.each<{ case: string; content: string | Uint8Array; rule: string; column: string | null }>([
    { case: 'is empty', content: '', rule: 'empty', column: null },
    {
      case: 'lacks a column',
      content: ['status,age,months,amount,income', ...rows(60, 'good,30,12,10,99')].join('\n'),
      rule: 'columns',
      column: 'home',
    },
    {
      case: 'has text for a number',
      content: [header, ...rows(60, 'good,thirty,12,10,99,rent')].join('\n'),
      rule: 'type',
      column: 'age',
    },
    {
      case: 'is out of range',
      content: [header, ...rows(60, 'good,17,12,10,99,rent')].join('\n'),
      rule: 'range',
      column: 'age',
    },
    {
      case: 'has a value that is not allowed',
      content: [header, ...rows(60, 'good,30,12,10,99,boat')].join('\n'),
      rule: 'values',
      column: 'home',
    },
    {
      case: 'lacks too many cells',
      content: [header, ...rows(60, 'good,30,12,10,99,')].join('\n'),
      rule: 'missing',
      column: 'home',
    },
    { case: 'has too few rows', content: loanCsv(10), rule: 'rows', column: null },
    { case: 'breaks a quote', content: `${header}\ngood,"30,12,10,99,rent\n`, rule: 'broken-quote', column: null },
    {
      case: 'has rows of another length',
      content: [header, ...rows(60, 'good,30,12,10,99,rent,9')].join('\n'),
      rule: 'ragged-row',
      column: null,
    },
    {
      case: 'is a picture',
      content: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
      rule: 'format',
      column: null,
    },
  ])(
    'because it $case is rejected, the violation named, and nothing else happens',
    async ({ content, rule, column }) => {
      const { verdict, reasons, dataset, facts } = await validate(content);
      expect(verdict).toBe('rejected');
      expect(reasons.length).toBeGreaterThan(0);
      expect(dataset).toMatchObject({ verdict: 'rejected' });
      expect(dataset?.violations).toEqual(expect.arrayContaining([expect.objectContaining({ rule, column })]));
      expect(facts).toMatchObject([{ type: 'Dataset Rejected', data: { model: MODEL } }]);
      expect(await world.registry.deployment(MODEL)).toBeUndefined();
    },
  );

  it('in its second object is rejected with the rows counted on, or the object named', async () => {
    const { dataset } = await validate([loanCsv(60), `${header}\ngood,17,12,10,99,rent\n`]);
    expect(dataset?.violations).toMatchObject([{ rule: 'range', column: 'age', rows: [{ row: 61 }] }]);
    const broken = await validate([loanCsv(60, 3), `${header}\ngood,"30\n`]);
    expect(broken.reasons[0]).toMatch(/-1\.csv: /);
  });

  it('and is put right is accepted', async () => {
    await validate(loanCsv(10));
    expect(await validate(loanCsv(60))).toMatchObject({ verdict: 'accepted' });
  });
});

it('tells no value of the data on the bus', async () => {
  const secret = 'ann.smith@example.com';
  const { facts } = await validate(
    `status,age,months,amount,income,home\n${`good,${secret},12,10,99,${secret}\n`.repeat(60)}`,
  );
  expect(JSON.stringify([facts, world.registry.audits])).not.toContain('ann.smith');
});
