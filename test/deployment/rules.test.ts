import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { events } from '../../contracts/events/catalogue.ts';
import { eventFileName } from '../../contracts/events/json-schema.ts';
import { compilePattern, matchesPattern } from '../../local/eventbridge/pattern/pattern.ts';
import { accounts, type PackagedTemplate, packagedTemplates, root, stages } from './packaged.ts';

let templates: Awaited<ReturnType<typeof packagedTemplates>>;
beforeAll(async () => {
  templates = await packagedTemplates();
});

const exampleOf = (type: string): { metadata: object; data: Record<string, unknown> } =>
  JSON.parse(readFileSync(join(root, 'contracts/events', `${eventFileName(type)}.example.json`), 'utf8'));

/** An event as the bus has it, as text. */
const event = (account: string, source: string, type: string, detail: unknown): string =>
  JSON.stringify({
    version: '0',
    id: 'x',
    'detail-type': type,
    source,
    account,
    time: '2026-01-01T00:00:00Z',
    region: 'eu-west-1',
    resources: [],
    detail,
  });

/** The rules that are on and match, by name without the environment. */
const matching = ({ stage, resources }: PackagedTemplate, bus: string, text: string): string[] =>
  Object.values(resources)
    .filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Events::Rule' &&
        Properties.State !== 'DISABLED' &&
        (Properties.EventBusName ?? 'default') === bus,
    )
    .filter(({ Properties }) => matchesPattern(compilePattern(JSON.stringify(Properties.EventPattern)), text))
    .map(({ Properties }) => String(Properties.Name).replace(`sluice-${stage}-`, ''));

describe.each(stages)('in %s', (stage) => {
  const own = accounts[stage];
  const fact = (type: string, detail: unknown = exampleOf(type), account: string = own) =>
    matching(templates[stage], '<Bus>', event(account, 'sluice', type, detail));

  test('a version that was registered for its own sake starts its promotion, one that a promotion trained does not', () => {
    const { metadata, data } = exampleOf('Model Registered');
    const because = (trigger: object) => fact('Model Registered', { metadata, data: { ...data, trigger } });
    expect(because({ kind: 'data', arrivalId: 'arrival-x' })).toEqual(['on-model-registered']);
    expect(because({ kind: 'code', recipeDigest: 'x' })).toEqual(['on-model-registered']);
    expect(because({ kind: 'promotion', promotionId: 'promotion-x' })).toEqual([]);
  });

  test('a request goes on to the next environment from here, and is taken from the account before, from no other', () => {
    const forwarded = stage === 'prd' ? [] : ['forward-promotion-requests'];
    expect(fact('Promotion Requested')).toEqual(forwarded);
    const before = { dev: null, acc: accounts.dev, prd: accounts.acc }[stage];
    for (const account of [...Object.values(accounts), '444444444444']) {
      if (account === own) continue;
      const taken = account === before ? ['on-promotion-requested'] : [];
      expect(fact('Promotion Requested', undefined, account)).toEqual(taken);
    }
  });

  test('no other fact starts anything', () => {
    const rest = events
      .map(({ type }) => type)
      .filter((type) => type !== 'Model Registered' && type !== 'Promotion Requested');
    for (const type of rest) expect([type, fact(type)]).toEqual([type, []]);
  });

  test('objects start what they are for: data in the data bucket, recipes under incoming/, nothing else that is written', () => {
    const created = (bucket: string, key: string) =>
      matching(
        templates[stage],
        'default',
        event(own, 'aws.s3', 'Object Created', { bucket: { name: bucket }, object: { key, 'version-id': 'v' } }),
      );
    expect(created('<DataBucket>', 'credit-risk/a b+%2B.csv')).toEqual(['on-data-arrived']);
    expect(created('<ArtifactsBucket>', 'incoming/credit-risk/x.json')).toEqual(['on-code-committed']);
    for (const key of ['models/credit-risk/x/model.onnx', 'recipes/x.json', 'outbound/x/recipe.json']) {
      expect(created('<ArtifactsBucket>', key)).toEqual([]);
    }
  });
});
