import { beforeAll, describe, expect, it } from 'vitest';
import {
  accounts,
  asList,
  ofType,
  type PackagedTemplate,
  packagedTemplates,
  policyStatements,
  type Stage,
} from './packaged.ts';

let templates: Readonly<Record<Stage, PackagedTemplate>>;
beforeAll(async () => {
  templates = await packagedTemplates();
});

const order = [
  { stage: 'dev', predecessor: undefined, next: 'acc' },
  { stage: 'acc', predecessor: 'dev', next: 'prd' },
  { stage: 'prd', predecessor: 'acc', next: undefined },
] as const;

describe.each(order)('in $stage', ({ stage, predecessor, next }) => {
  it('the only doors for another account are those for the next environment and one for the one before', () => {
    const doors = policyStatements(templates[stage])
      .filter(({ statement }) => statement.Effect === 'Allow' && foreignAccounts(stage, statement.Principal).length > 0)
      .map(({ logicalId, statement: { Action, Principal, Resource, Condition } }) => ({
        on: logicalId,
        to: Principal,
        actions: asList(Action),
        resource: Resource,
        when: Condition,
      }));
    const role = (env: Stage, name: string) => ({
      'aws:PrincipalArn': `arn:aws:iam::${accounts[env]}:role/sluice-${env}-${name}`,
    });
    const roles = (env: Stage, ...names: string[]) => ({
      'aws:PrincipalArn': names.map((name) => role(env, name)['aws:PrincipalArn']),
    });
    const account = (env: Stage) => ({ AWS: `arn:aws:iam::${accounts[env]}:root` });
    const forNext = next && [
      {
        on: 'EncryptionKey',
        to: account(next),
        actions: ['kms:Decrypt'],
        resource: '*',
        when: {
          ArnEquals: role(next, 'move-artifact'),
          StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' },
        },
      },
      {
        on: 'SigningKey',
        to: account(next),
        actions: ['kms:Verify'],
        resource: '*',
        when: { ArnEquals: roles(next, 'verify-candidate', 'test-security') },
      },
      {
        on: 'ArtifactsBucketPolicy',
        to: account(next),
        actions: ['s3:GetObject'],
        resource: '<ArtifactsBucket.Arn>/outbound/*',
        when: { ArnEquals: role(next, 'move-artifact') },
      },
    ];
    const forPredecessor = predecessor && [
      {
        on: 'BusTakesPromotionRequests',
        to: account(predecessor),
        actions: ['events:PutEvents'],
        resource: '<Bus.Arn>',
        when: { StringEquals: { 'events:source': 'sluice', 'events:detail-type': 'Promotion Requested' } },
      },
    ];
    expect(doors).toEqual(expect.arrayContaining([...(forNext ?? []), ...(forPredecessor ?? [])]));
    expect(doors).toHaveLength((forNext ?? []).length + (forPredecessor ?? []).length);
  });

  it('the only permissions on another account are to ask the next one, and to fetch and verify from the one before', () => {
    const reaching = policyStatements(templates[stage])
      .filter(
        ({ type, statement }) => type === 'AWS::IAM::Role' && foreignResources(stage, statement.Resource).length > 0,
      )
      .map(
        ({ logicalId, statement }) =>
          `${logicalId}: ${asList(statement.Action)} on ${foreignResources(stage, statement.Resource)}`,
      );
    expect(reaching.sort()).toEqual(
      [
        ...(next
          ? [
              `ForwardPromotionRequestsRole: events:PutEvents on arn:aws:events:eu-west-1:${accounts[next]}:event-bus/sluice-${next}`,
            ]
          : []),
        ...(predecessor
          ? [
              `MoveArtifactRole: kms:Decrypt on arn:aws:kms:eu-west-1:${accounts[predecessor]}:key/*`,
              `MoveArtifactRole: s3:GetObject on arn:aws:s3:::sluice-${predecessor}-artifacts-${accounts[predecessor]}/outbound/*`,
              `TestSecurityRole: kms:Verify on arn:aws:kms:eu-west-1:${accounts[predecessor]}:key/*`,
              `VerifyCandidateRole: kms:Verify on arn:aws:kms:eu-west-1:${accounts[predecessor]}:key/*`,
            ]
          : []),
      ].sort(),
    );
  });

  it('no role of it can be taken from another account', () => {
    const trusts = ofType(templates[stage], 'AWS::IAM::Role').flatMap(([id, { Properties }]) =>
      foreignAccounts(stage, Properties.AssumeRolePolicyDocument).map((account) => `${id}: ${account}`),
    );
    expect(trusts).toEqual([]);
  });

  it('the rule that leads out takes only what was said here, and only promotion requests, to the next environment', () => {
    const leadingOut = ofType(templates[stage], 'AWS::Events::Rule').filter(
      ([, { Properties }]) => foreignAccounts(stage, Properties.Targets).length > 0,
    );
    expect(
      leadingOut.map(([, { Properties }]) => ({
        pattern: Properties.EventPattern,
        targets: Properties.Targets.map(({ Arn }: { Arn: string }) => Arn),
      })),
    ).toEqual(
      next
        ? [
            {
              pattern: { source: ['sluice'], 'detail-type': ['Promotion Requested'], account: [accounts[stage]] },
              targets: [`arn:aws:events:eu-west-1:${accounts[next]}:event-bus/sluice-${next}`],
            },
          ]
        : [],
    );
  });

  it('promotion requests are taken from the account before, and where there is none the rule is off', () => {
    const rule = ofType(templates[stage], 'AWS::Events::Rule').find(([, { Properties }]) =>
      Properties.Name.endsWith('on-promotion-requested'),
    );
    expect(rule?.[1].Properties).toMatchObject({
      State: predecessor ? 'ENABLED' : 'DISABLED',
      EventPattern: {
        source: ['sluice'],
        'detail-type': ['Promotion Requested'],
        account: [predecessor ? accounts[predecessor] : ''],
      },
    });
  });

  it('nobody outside reads the data bucket', () => {
    const policy = templates[stage].resources.DataBucketPolicy?.Properties.PolicyDocument.Statement;
    expect(policy.filter(({ Effect }: { Effect: string }) => Effect === 'Allow')).toEqual([]);
    expect(policy).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Condition: expect.objectContaining({ StringNotEquals: { 'aws:PrincipalAccount': accounts[stage] } }),
      }),
    );
  });

  it('dev and prd do not know each other', () => {
    const stranger = stage === 'dev' ? 'prd' : stage === 'prd' ? 'dev' : undefined;
    if (stranger) expect(JSON.stringify(templates[stage].raw)).not.toContain(accounts[stranger]);
  });
});

const foreignAccounts = (stage: Stage, value: unknown): string[] =>
  (JSON.stringify(value ?? '').match(/\b\d{12}\b/g) ?? []).filter((account) => account !== accounts[stage]);

const foreignResources = (stage: Stage, resources: string | readonly string[] | undefined): string[] =>
  asList(resources).filter((resource) => foreignAccounts(stage, resource).length > 0);
