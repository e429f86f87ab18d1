import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { DeployedResource } from '../deploy/resource.ts';
import { seededIds } from '../ids.ts';
import type { AccountContext, JsonObject } from '../service.ts';
import { Store } from '../store/store.ts';
import { Credentials } from './credentials.ts';
import { iamResources } from './resources.ts';
import { Roles } from './roles.ts';

const ACCOUNT = '111111111111';

const trust = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const may = (action: string) => ({ Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });

describe('roles and policies of a template', () => {
  let roles: Roles;
  let ctx: AccountContext;

  beforeEach(() => {
    const store = new Store(':memory:');
    const clock = new VirtualClock();
    const ids = seededIds('iam');
    ctx = { accountId: ACCOUNT, region: 'eu-west-1', store, directory: '/nowhere', clock, ids, log: () => {} };
    roles = new Roles(ctx);
  });

  const handler = (type: string) => {
    const found = iamResources(ctx, roles).find((candidate) => candidate.type === type);
    if (!found) throw new Error(`No handler for ${type}`);
    return found;
  };
  const put = (
    type: string,
    logicalId: string,
    properties: JsonObject,
    previous?: DeployedResource & { properties: JsonObject },
  ) =>
    handler(type).put({
      stackName: 'stack',
      logicalId,
      properties,
      artifact: () => new Uint8Array(),
      ...(previous ? { previous } : {}),
    });
  const names = (roleName: string) => roles.policiesOf(roleName).map(({ name }) => name);

  test('a role is known by its ARN, path included, with its policies', async () => {
    const { physicalId, attributes } = await put('AWS::IAM::Role', 'Role', {
      RoleName: 'train',
      Path: '/sluice/',
      AssumeRolePolicyDocument: trust,
      Policies: [{ PolicyName: 'read', PolicyDocument: may('s3:GetObject') }],
    });
    expect(physicalId).toBe('train');
    expect(attributes.Arn).toBe(`arn:aws:iam::${ACCOUNT}:role/sluice/train`);
    expect(attributes.RoleId).toMatch(/^AROA/);
    expect(roles.find(attributes.Arn as string)).toMatchObject({ name: 'train', maxSessionDurationSeconds: 3600 });
    expect(roles.policiesOf('train')).toEqual([{ name: 'read', document: may('s3:GetObject') }]);
  });

  test('a role without a name gets one that stays, within 64 characters', async () => {
    const logicalId = 'VeryLong'.repeat(10);
    const first = await put('AWS::IAM::Role', logicalId, { AssumeRolePolicyDocument: trust });
    expect(first.physicalId).toMatch(/^stack-VeryLong/);
    expect(first.physicalId.length).toBe(64);
    const again = await put(
      'AWS::IAM::Role',
      logicalId,
      { AssumeRolePolicyDocument: trust },
      { ...first, properties: {} },
    );
    expect(again).toEqual(first);
  });

  test('a redeployed role loses the inline policies that the template no longer has, and keeps those of others', async () => {
    await put('AWS::IAM::Role', 'Role', {
      RoleName: 'train',
      AssumeRolePolicyDocument: trust,
      Policies: [{ PolicyName: 'read', PolicyDocument: may('s3:GetObject') }],
    });
    await put('AWS::IAM::Policy', 'Write', {
      PolicyName: 'write',
      PolicyDocument: may('s3:PutObject'),
      Roles: ['train'],
    });
    expect(names('train')).toEqual(['read', 'write']);
    await put('AWS::IAM::Role', 'Role', { RoleName: 'train', AssumeRolePolicyDocument: trust });
    expect(names('train')).toEqual(['write']);
  });

  test('a policy follows its list of roles and goes when it is deleted', async () => {
    for (const RoleName of ['a', 'b'])
      await put('AWS::IAM::Role', RoleName, { RoleName, AssumeRolePolicyDocument: trust });
    const policy = { PolicyName: 'p', PolicyDocument: may('kms:Sign') };
    const first = await put('AWS::IAM::Policy', 'P', { ...policy, Roles: ['a', 'b'] });
    await put('AWS::IAM::Policy', 'P', { ...policy, Roles: ['b'] }, { ...first, properties: {} });
    expect([names('a'), names('b')]).toEqual([[], ['p']]);
    await handler('AWS::IAM::Policy').delete(first.physicalId);
    expect(names('b')).toEqual([]);
  });

  test('a managed policy speaks for the roles that attach it, from either side', async () => {
    await put('AWS::IAM::Role', 'A', { RoleName: 'a', AssumeRolePolicyDocument: trust });
    const { physicalId: arn } = await put('AWS::IAM::ManagedPolicy', 'M', {
      ManagedPolicyName: 'm',
      PolicyDocument: may('kms:Sign'),
      Roles: ['a'],
    });
    expect(arn).toBe(`arn:aws:iam::${ACCOUNT}:policy/m`);
    await put('AWS::IAM::Role', 'B', { RoleName: 'b', AssumeRolePolicyDocument: trust, ManagedPolicyArns: [arn] });
    expect([names('a'), names('b')]).toEqual([[arn], [arn]]);
    await handler('AWS::IAM::ManagedPolicy').delete(arn);
    expect([names('a'), names('b')]).toEqual([[], []]);
  });

  test('a policy for a role that is not there is refused, and nothing is written', async () => {
    await put('AWS::IAM::Role', 'A', { RoleName: 'a', AssumeRolePolicyDocument: trust });
    await expect(
      put('AWS::IAM::Policy', 'P', { PolicyName: 'p', PolicyDocument: may('kms:Sign'), Roles: ['a', 'absent'] }),
    ).rejects.toMatchObject({ code: 'NoSuchEntity', message: 'The role with name absent cannot be found.' });
    expect(names('a')).toEqual([]);
  });

  test.each([
    { case: 'no Statement', document: {}, says: 'it has no Statement' },
    {
      case: 'an unknown element',
      document: { Statement: [{ Effect: 'Allow', Actoin: 'x:y' }] },
      says: 'statement 1 is not valid: unknown element Actoin',
    },
    {
      case: 'another effect',
      document: { Statement: [{ Effect: 'allow', Action: 'x:y' }] },
      says: 'Effect must be Allow or Deny, not "allow"',
    },
    {
      case: 'no action',
      document: { Statement: { Effect: 'Deny', Resource: '*' } },
      says: 'it needs one of Action and NotAction',
    },
    {
      case: 'NotPrincipal',
      document: { Statement: { Effect: 'Deny', Action: '*', NotPrincipal: '*' } },
      says: 'NotPrincipal',
    },
    {
      case: 'an unknown operator',
      document: { Statement: { Effect: 'Deny', Action: '*', Condition: { StringIs: {} } } },
      says: 'unknown condition operator StringIs',
    },
    { case: 'text that is not JSON', document: '{', says: 'it is not JSON' },
  ])('a policy with $case is refused where it stands', async ({ document, says }) => {
    await expect(
      put('AWS::IAM::Role', 'Role', {
        RoleName: 'train',
        AssumeRolePolicyDocument: trust,
        Policies: [{ PolicyName: 'p', PolicyDocument: document }],
      }),
    ).rejects.toThrow(says);
    expect(roles.find(`arn:aws:iam::${ACCOUNT}:role/train`)).toBeUndefined();
  });

  test('credentials of a role name the session, and only a role that is there gives some', async () => {
    const credentials = new Credentials({ ...ctx, roles });
    const { attributes } = await put('AWS::IAM::Role', 'Role', { RoleName: 'train', AssumeRolePolicyDocument: trust });
    const issued = credentials.issueRoleCredentials({
      roleArn: attributes.Arn as string,
      sessionName: 'run-1',
      durationSeconds: 900,
    });
    expect(issued.expiration.getTime()).toBe(ctx.clock.now() + 900_000);
    expect(credentials.find(issued.accessKeyId)).toMatchObject({
      secretAccessKey: issued.secretAccessKey,
      sessionToken: issued.sessionToken,
      principal: {
        kind: 'assumed-role',
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/train/run-1`,
        roleArn: attributes.Arn,
      },
    });
    expect(() =>
      credentials.issueRoleCredentials({
        roleArn: `arn:aws:iam::${ACCOUNT}:role/absent`,
        sessionName: 's',
        durationSeconds: 900,
      }),
    ).toThrow('The role with name absent cannot be found.');
  });

  test('the key of the administrator is made once', () => {
    const credentials = new Credentials({ ...ctx, roles });
    expect(credentials.administrator()).toEqual(new Credentials({ ...ctx, roles }).administrator());
  });
});
