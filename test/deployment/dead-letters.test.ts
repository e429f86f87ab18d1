import { beforeAll, describe, expect, it } from 'vitest';
import { ofType, type PackagedTemplate, packagedTemplates, policyStatements, type Stage, stages } from './packaged.ts';

let templates: Readonly<Record<Stage, PackagedTemplate>>;
beforeAll(async () => {
  templates = await packagedTemplates();
});

const DEAD_LETTERS = '<DeadLetterQueue.Arn>';

describe.each(stages)('in %s', (stage) => {
  it('every rule target retries and has a dead-letter queue', () => {
    const rules = ofType(templates[stage], 'AWS::Events::Rule');
    expect(rules.length).toBeGreaterThanOrEqual(4);
    for (const [id, { Properties }] of rules) {
      expect(Properties.Targets, id).not.toHaveLength(0);
      for (const target of Properties.Targets) {
        expect(target, id).toMatchObject({
          DeadLetterConfig: { Arn: DEAD_LETTERS },
          RetryPolicy: { MaximumEventAgeInSeconds: expect.any(Number), MaximumRetryAttempts: expect.any(Number) },
        });
      }
    }
  });

  it('the queue takes dead letters from exactly the rules of the environment', () => {
    const rules = ofType(templates[stage], 'AWS::Events::Rule').map(([, { Properties }]) => Properties.Name);
    const allow = policyStatements(templates[stage]).find(
      ({ statement }) => statement.Sid === 'OwnRulesPutDeadLetters',
    );
    const sources = allow?.statement.Condition?.ArnEquals?.['aws:SourceArn'] as string[];
    for (const name of rules) expect(sources).toContainEqual(expect.stringMatching(new RegExp(`/${name}$`)));
  });

  it('every function that a rule invokes sends what it gives up to the dead-letter queue, and may', () => {
    const template = templates[stage];
    const configs = ofType(template, 'AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => Properties);
    const invoked = ofType(template, 'AWS::Events::Rule')
      .flatMap(([, { Properties }]) =>
        Properties.Targets.map(({ Arn }: { Arn: string }) => /^<(\w+)\.Arn>$/.exec(Arn)?.[1]),
      )
      .filter(Boolean);
    expect(invoked).toHaveLength(4);
    for (const id of invoked) {
      const config = configs.find(({ FunctionName }) => FunctionName === `<${id}>`);
      expect(config?.DestinationConfig, id).toEqual({ OnFailure: { Destination: DEAD_LETTERS } });
      expect(config?.MaximumRetryAttempts, id).toBeGreaterThan(0);
      expect(mayPutDeadLetters(template, id), id).toBe(true);
    }
  });

  it('every stream mapping reports single failures, splits batches, ends, and has a dead-letter queue', () => {
    const mappings = ofType(templates[stage], 'AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(1);
    for (const [id, { Properties }] of mappings) {
      expect(Properties, id).toMatchObject({
        DestinationConfig: { OnFailure: { Destination: DEAD_LETTERS } },
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        StartingPosition: 'TRIM_HORIZON',
      });
      expect(Properties.MaximumRetryAttempts, id).toBeGreaterThan(0);
      expect(mayPutDeadLetters(templates[stage], /^<(\w+)\.Arn>$/.exec(Properties.FunctionName)?.[1]), id).toBe(true);
    }
  });

  it('the relay gets inserted outbox and audit items, and nothing else', () => {
    const [[, mapping] = []] = ofType(templates[stage], 'AWS::Lambda::EventSourceMapping');
    const filters = mapping?.Properties.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) =>
      JSON.parse(Pattern),
    );
    expect(filters).toEqual([
      { eventName: ['INSERT'], dynamodb: { NewImage: { entity: { S: ['outbox', 'audit'] } } } },
    ]);
  });
});

function mayPutDeadLetters(template: PackagedTemplate, functionId: string | undefined): boolean {
  const role = /^<(\w+)\.Arn>$/.exec(template.resources[functionId ?? '']?.Properties.Role)?.[1];
  return policyStatements(template).some(
    ({ logicalId, statement }) =>
      logicalId === role &&
      [statement.Action].flat().includes('sqs:SendMessage') &&
      statement.Resource === DEAD_LETTERS,
  );
}
