import { describe, expect, test } from 'vitest';
import type { ConditionBlock } from './condition.ts';
import { evaluateIdentityPolicy, evaluateResourcePolicy, type PolicyStatement } from './policy.ts';
import type { PolicyPrincipal, PrincipalIdentity } from './policy-principal.ts';
import { type ContextValues, RequestContext } from './request-context.ts';

const DEV = '111111111111';
const ACC = '222222222222';

const role: PrincipalIdentity = {
  kind: 'assumed-role',
  accountId: DEV,
  arn: `arn:aws:sts::${DEV}:assumed-role/train/session`,
  roleArn: `arn:aws:iam::${DEV}:role/train`,
};
const events: PrincipalIdentity = { kind: 'service', accountId: DEV, arn: 'events.amazonaws.com' };

/** Every key is known but those that begin with `strange:`. */
const contextOf = (values: ContextValues) =>
  new RequestContext(
    () => values,
    (key) => !key.startsWith('strange:'),
  );
const identity = (
  statements: PolicyStatement[],
  action: string,
  resourceArn: string,
  context: ContextValues = {},
  Version = '2012-10-17',
) =>
  evaluateIdentityPolicy({ Version, Statement: statements }, { action, resourceArn, context: contextOf(context) })
    .effect;

describe('actions and resources', () => {
  test.each([
    { action: 's3:GetObject', pattern: 's3:GetObject', matches: true },
    { action: 's3:GetObject', pattern: 'S3:getobject', matches: true },
    { action: 's3:GetObject', pattern: 's3:Get*', matches: true },
    { action: 's3:GetObject', pattern: '*', matches: true },
    { action: 's3:GetObject', pattern: 's3:GetObjec?', matches: true },
    { action: 's3:GetObjectVersion', pattern: 's3:GetObject', matches: false },
    { action: 's3:GetObject', pattern: 'kms:*', matches: false },
  ])('Action $pattern and $action: $matches', ({ action, pattern, matches }) => {
    const wanted = matches ? 'allow' : 'implicit-deny';
    expect(identity([{ Effect: 'Allow', Action: pattern, Resource: '*' }], action, 'arn:aws:s3:::b')).toBe(wanted);
    const inverted = matches ? 'implicit-deny' : 'allow';
    expect(identity([{ Effect: 'Allow', NotAction: pattern, Resource: '*' }], action, 'arn:aws:s3:::b')).toBe(inverted);
  });

  test.each([
    { resource: 'arn:aws:s3:::data/a/b', pattern: 'arn:aws:s3:::data/*', matches: true },
    { resource: 'arn:aws:s3:::data', pattern: 'arn:aws:s3:::data/*', matches: false },
    { resource: 'arn:aws:s3:::data-prd/a', pattern: 'arn:aws:s3:::data/*', matches: false },
    { resource: 'arn:aws:s3:::Data/a', pattern: 'arn:aws:s3:::data/*', matches: false },
    { resource: 'arn:aws:s3:::data/a', pattern: 'arn:aws:s3:::data/?', matches: true },
    { resource: 'arn:aws:s3:::data/[a]', pattern: 'arn:aws:s3:::data/[a]', matches: true },
    { resource: 'arn:aws:s3:::data/ab', pattern: 'arn:aws:s3:::data/a.', matches: false },
  ])('Resource $pattern and $resource: $matches', ({ resource, pattern, matches }) => {
    const statement = { Effect: 'Allow', Action: '*', Resource: ['arn:aws:none', pattern] } as const;
    expect(identity([statement], 's3:GetObject', resource)).toBe(matches ? 'allow' : 'implicit-deny');
    const inverted = { Effect: 'Allow', Action: '*', NotResource: pattern } as const;
    expect(identity([inverted], 's3:GetObject', resource)).toBe(matches ? 'implicit-deny' : 'allow');
  });

  test('a Deny wins over an Allow wherever it stands', () => {
    const allow: PolicyStatement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const deny: PolicyStatement = { Effect: 'Deny', Action: 's3:*', Resource: '*' };
    expect(identity([allow, deny], 's3:GetObject', 'x')).toBe('explicit-deny');
    expect(identity([deny, allow], 's3:GetObject', 'x')).toBe('explicit-deny');
    expect(identity([deny, allow], 'kms:Sign', 'x')).toBe('allow');
  });

  test('a policy variable stands for the value of this request, and without one nothing matches', () => {
    const statement: PolicyStatement = {
      Effect: 'Allow',
      Action: '*',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
      Resource: 'arn:aws:s3:::home/${aws:username}/*',
    };
    const context = { 'aws:username': 'ana' };
    expect(identity([statement], 's3:GetObject', 'arn:aws:s3:::home/ana/x', context)).toBe('allow');
    expect(identity([statement], 's3:GetObject', 'arn:aws:s3:::home/bob/x', context)).toBe('implicit-deny');
    expect(identity([statement], 's3:GetObject', 'arn:aws:s3:::home//x')).toBe('implicit-deny');
  });

  test('what a variable stands for is never a wildcard', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    const Resource = 'arn:aws:s3:::home/${aws:PrincipalTag/team}/*';
    const statement: PolicyStatement = { Effect: 'Allow', Action: '*', Resource };
    const context = { 'aws:PrincipalTag/team': '*' };
    expect(identity([statement], 's3:GetObject', 'arn:aws:s3:::home/other/x', context)).toBe('implicit-deny');
    expect(identity([statement], 's3:GetObject', 'arn:aws:s3:::home/*/x', context)).toBe('allow');
  });

  test('a policy of the version before variables takes them as they stand', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    const statement: PolicyStatement = { Effect: 'Allow', Action: '*', Resource: 'home/${aws:username}' };
    const context = { 'aws:username': 'ana' };
    expect(identity([statement], 's3:x', 'home/ana', context, '2008-10-17')).toBe('implicit-deny');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    expect(identity([statement], 's3:x', 'home/${aws:username}', context, '2008-10-17')).toBe('allow');
  });

  test.each([
    { Effect: 'Allow', wanted: 'implicit-deny' },
    { Effect: 'Deny', wanted: 'explicit-deny' },
  ] as const)('$Effect on everything but a place that the request does not name: $wanted', ({ Effect, wanted }) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    const statement: PolicyStatement = { Effect, Action: '*', NotResource: 'home/${aws:username}' };
    const all: PolicyStatement = { Effect: 'Allow', Action: '*', Resource: 'nothing' };
    expect(identity([all, statement], 's3:x', 'home/ana')).toBe(wanted);
  });

  test('a hostile pattern is judged in linear time', () => {
    const pattern = `${'*a'.repeat(2000)}b`;
    expect(identity([{ Effect: 'Allow', Action: '*', Resource: pattern }], 's3:x', 'a'.repeat(20_000))).toBe(
      'implicit-deny',
    );
  });
});

describe('principals of a resource policy', () => {
  const decide = (Principal: PolicyPrincipal | undefined, caller: PrincipalIdentity) =>
    evaluateResourcePolicy(
      { Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...(Principal ? { Principal } : {}) } },
      caller,
      { action: 's3:GetObject', resourceArn: 'arn:aws:s3:::b/k', context: contextOf({}) },
    );

  test.each([
    { principal: '*' as const, grantedBy: 'principal' },
    { principal: { AWS: '*' }, grantedBy: 'principal' },
    { principal: { AWS: DEV }, grantedBy: 'account' },
    { principal: { AWS: `arn:aws:iam::${DEV}:root` }, grantedBy: 'account' },
    { principal: { AWS: [`arn:aws:iam::${ACC}:root`, `arn:aws:iam::${DEV}:role/train`] }, grantedBy: 'principal' },
    { principal: { AWS: role.arn }, grantedBy: 'session' },
    { principal: { AWS: ACC }, grantedBy: undefined },
    { principal: { AWS: `arn:aws:iam::${DEV}:role/tra*` }, grantedBy: undefined },
    { principal: { AWS: `arn:aws:iam::${DEV}:role/train2` }, grantedBy: undefined },
    { principal: { Service: 'events.amazonaws.com' }, grantedBy: undefined },
    { principal: { Federated: '*' }, grantedBy: undefined },
    { principal: undefined, grantedBy: undefined },
  ])('a role session under $principal is granted by $grantedBy', ({ principal, grantedBy }) => {
    const decision = decide(principal, role);
    expect(decision.effect === 'allow' ? decision.grantedBy : undefined).toBe(grantedBy);
  });

  test.each([
    { principal: '*' as const, effect: 'allow' },
    { principal: { Service: 'events.amazonaws.com' }, effect: 'allow' },
    { principal: { Service: ['s3.amazonaws.com', 'events.amazonaws.com'] }, effect: 'allow' },
    { principal: { Service: 's3.amazonaws.com' }, effect: 'implicit-deny' },
    { principal: { AWS: DEV }, effect: 'implicit-deny' },
  ])('the service events.amazonaws.com under $principal: $effect', ({ principal, effect }) => {
    expect(decide(principal, events).effect).toBe(effect);
  });

  test('a grant to the caller counts over one to its account, in either order', () => {
    const byAccount = { Effect: 'Allow', Action: '*', Resource: '*', Principal: { AWS: DEV } } as const;
    const byRole = { ...byAccount, Principal: { AWS: `arn:aws:iam::${DEV}:role/train` } } as const;
    for (const Statement of [
      [byAccount, byRole],
      [byRole, byAccount],
    ]) {
      const decision = evaluateResourcePolicy({ Statement }, role, {
        action: 'x:y',
        resourceArn: 'z',
        context: contextOf({}),
      });
      expect(decision).toMatchObject({ effect: 'allow', grantedBy: 'principal' });
    }
  });
});

describe('conditions', () => {
  const context: ContextValues = {
    'aws:PrincipalAccount': DEV,
    'aws:SourceArn': `arn:aws:events:eu-west-1:${DEV}:rule/bus/name`,
    'aws:SourceIp': '10.1.2.3',
    'aws:SecureTransport': 'true',
    'aws:CurrentTime': '2026-03-01T12:00:00Z',
    's3:max-keys': '10',
    'aws:TagKeys': ['a', 'b'],
    'kms:EncryptionContextKeys': [],
  };
  test.each<{ condition: ConditionBlock; holds: boolean }>([
    { condition: { StringEquals: { 'aws:PrincipalAccount': DEV } }, holds: true },
    { condition: { StringEquals: { 'AWS:principalaccount': DEV } }, holds: true },
    { condition: { StringEquals: { 'aws:PrincipalAccount': [ACC, DEV] } }, holds: true },
    { condition: { StringEquals: { 'aws:PrincipalAccount': ACC } }, holds: false },
    { condition: { StringNotEquals: { 'aws:PrincipalAccount': ACC } }, holds: true },
    { condition: { StringNotEquals: { 'aws:PrincipalAccount': [ACC, DEV] } }, holds: false },
    { condition: { StringEqualsIgnoreCase: { 'aws:SecureTransport': 'TRUE' } }, holds: true },
    { condition: { StringLike: { 'aws:PrincipalAccount': '1111*' } }, holds: true },
    { condition: { StringNotLike: { 'aws:PrincipalAccount': '1111*' } }, holds: false },
    { condition: { StringEquals: { 'aws:Unknown': 'x' } }, holds: false },
    { condition: { StringNotEquals: { 'aws:Unknown': 'x' } }, holds: true },
    { condition: { StringEqualsIfExists: { 'aws:Unknown': 'x' } }, holds: true },
    { condition: { StringEqualsIfExists: { 'aws:PrincipalAccount': ACC } }, holds: false },
    { condition: { Null: { 'aws:Unknown': 'true' } }, holds: true },
    { condition: { Null: { 'aws:PrincipalAccount': true } }, holds: false },
    { condition: { Null: { 'aws:PrincipalAccount': 'false' } }, holds: true },
    { condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:*:${DEV}:rule/*` } }, holds: true },
    { condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/bus/name' } }, holds: true },
    { condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:*:${ACC}:rule/*` } }, holds: false },
    { condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:*:rule/bus/name' } }, holds: false },
    { condition: { ArnNotLike: { 'aws:SourceArn': 'arn:aws:sqs:*:*:*' } }, holds: true },
    { condition: { Bool: { 'aws:SecureTransport': true } }, holds: true },
    { condition: { Bool: { 'aws:SecureTransport': 'false' } }, holds: false },
    { condition: { NumericLessThanEquals: { 's3:max-keys': '10' } }, holds: true },
    { condition: { NumericLessThan: { 's3:max-keys': 10 } }, holds: false },
    { condition: { NumericEquals: { 's3:max-keys': 'ten' } }, holds: false },
    { condition: { DateGreaterThan: { 'aws:CurrentTime': '2026-02-01T00:00:00Z' } }, holds: true },
    { condition: { DateLessThan: { 'aws:CurrentTime': '2026-02-01T00:00:00Z' } }, holds: false },
    { condition: { IpAddress: { 'aws:SourceIp': '10.1.0.0/16' } }, holds: true },
    { condition: { IpAddress: { 'aws:SourceIp': ['192.168.0.0/16', '10.1.2.4'] } }, holds: false },
    { condition: { NotIpAddress: { 'aws:SourceIp': '192.168.0.0/16' } }, holds: true },
    { condition: { IpAddress: { 'aws:SourceIp': 'not an address' } }, holds: false },
    { condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['b', 'c'] } }, holds: true },
    { condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'c' } }, holds: false },
    { condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b', 'c'] } }, holds: true },
    { condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a'] } }, holds: false },
    { condition: { 'ForAllValues:StringEquals': { 'aws:Unknown': ['a'] } }, holds: true },
    { condition: { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': ['a'] } }, holds: false },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    { condition: { StringEquals: { 'aws:PrincipalAccount': '${aws:PrincipalAccount}' } }, holds: true },
    { condition: { Surprise: { 'aws:PrincipalAccount': DEV } }, holds: false },
    {
      condition: { StringEquals: { 'aws:PrincipalAccount': DEV }, Bool: { 'aws:SecureTransport': 'false' } },
      holds: false,
    },
    {
      condition: { StringEquals: { 'aws:PrincipalAccount': DEV, 'aws:SecureTransport': 'true' } },
      holds: true,
    },
  ])('$condition: $holds', ({ condition, holds }) => {
    const statement: PolicyStatement = { Effect: 'Allow', Action: '*', Resource: '*', Condition: condition };
    expect(identity([statement], 'x:y', 'z', context)).toBe(holds ? 'allow' : 'implicit-deny');
  });

  describe('a key that nobody here can judge', () => {
    const strange = (Effect: 'Allow' | 'Deny', Condition: ConditionBlock): PolicyStatement => ({
      Effect,
      Action: '*',
      Resource: '*',
      Condition,
    });
    const allow: PolicyStatement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const decide = (...statements: PolicyStatement[]) =>
      evaluateIdentityPolicy(
        { Version: '2012-10-17', Statement: statements },
        { action: 'x:y', resourceArn: 'z', context: contextOf(context) },
      );

    test.each<ConditionBlock>([
      { StringEquals: { 'strange:Key': 'x' } },
      { StringNotEquals: { 'strange:Key': 'x' } },
      { StringEqualsIfExists: { 'strange:Key': 'x' } },
      { Null: { 'strange:Key': 'true' } },
      { 'ForAllValues:StringEquals': { 'strange:Key': 'x' } },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
      { StringNotEquals: { 'aws:PrincipalAccount': '${strange:Key}' } },
    ])('allows nothing and denies all: %j', (condition) => {
      expect(decide(strange('Allow', condition))).toMatchObject({
        effect: 'implicit-deny',
        unknownKeys: [expect.stringMatching(/strange:key/i)],
      });
      expect(decide(allow, strange('Deny', condition))).toMatchObject({
        effect: 'explicit-deny',
        unknownKeys: [expect.stringMatching(/strange:key/i)],
      });
    });

    test('does not count where another condition of the statement already fails', () => {
      const condition = { StringEquals: { 'strange:Key': 'x' }, Bool: { 'aws:SecureTransport': 'false' } };
      expect(decide(allow, strange('Deny', condition))).toMatchObject({ effect: 'allow' });
      expect(decide(strange('Allow', condition))).toEqual({ effect: 'implicit-deny' });
    });
  });
});
