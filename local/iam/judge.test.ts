import { describe, expect, test } from 'vitest';
import type { Principal } from '../service.ts';
import { judge } from './judge.ts';
import type { PolicyDocument, PolicyStatement } from './policy.ts';
import { RequestContext } from './request-context.ts';

const DEV = '111111111111';
const ACC = '222222222222';
const session = `arn:aws:sts::${DEV}:assumed-role/r/s`;
const roleArn = `arn:aws:iam::${DEV}:role/r`;

const policy = (Effect: 'Allow' | 'Deny', Action = 'x:Do', more: Partial<PolicyStatement> = {}): PolicyDocument => ({
  Statement: { Effect, Action, Resource: '*', ...more },
});
const allow = policy('Allow');
const deny = policy('Deny');
const other = policy('Allow', 'x:Other');
const to = (name: string, Effect: 'Allow' | 'Deny' = 'Allow') => policy(Effect, 'x:Do', { Principal: { AWS: name } });

interface Case {
  readonly case: string;
  readonly identity?: PolicyDocument;
  readonly boundary?: PolicyDocument;
  readonly session?: PolicyDocument;
  readonly resource?: PolicyDocument;
  readonly owner?: string;
  readonly says: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html */
describe('all policies of a request together', () => {
  test.each<Case>([
    { case: 'nothing', says: 'implicit-deny identity-based policy' },
    { case: 'the identity alone', identity: allow, says: 'allowed' },
    {
      case: 'an identity that is denied',
      identity: deny,
      resource: to(session),
      says: 'explicit-deny identity-based policy',
    },
    { case: 'a boundary that allows it too', identity: allow, boundary: allow, says: 'allowed' },
    { case: 'a boundary that does not', identity: allow, boundary: other, says: 'implicit-deny permissions boundary' },
    { case: 'a boundary alone', boundary: allow, says: 'implicit-deny identity-based policy' },
    { case: 'a boundary that denies', identity: allow, boundary: deny, says: 'explicit-deny permissions boundary' },
    { case: 'a session policy that allows it too', identity: allow, session: allow, says: 'allowed' },
    { case: 'a session policy that does not', identity: allow, session: other, says: 'implicit-deny session policy' },
    { case: 'a session policy alone', session: allow, says: 'implicit-deny identity-based policy' },
    { case: 'a session policy that denies', identity: allow, session: deny, says: 'explicit-deny session policy' },
    {
      case: 'a resource for the session, whatever limits the role',
      boundary: other,
      session: other,
      resource: to(session),
      says: 'allowed',
    },
    { case: 'a resource for the role', resource: to(roleArn), says: 'allowed' },
    {
      case: 'a resource for the role, with a boundary',
      boundary: other,
      resource: to(roleArn),
      says: 'implicit-deny identity-based policy',
    },
    {
      case: 'a resource for the role, with a session policy',
      session: other,
      resource: to(roleArn),
      says: 'implicit-deny session policy',
    },
    { case: 'a resource for the account', resource: to(DEV), says: 'implicit-deny identity-based policy' },
    {
      case: 'a resource that denies',
      identity: allow,
      resource: to(DEV, 'Deny'),
      says: 'explicit-deny resource-based policy',
    },
    {
      case: 'another account’s resource that says nothing',
      owner: ACC,
      identity: allow,
      says: 'implicit-deny resource-based policy',
    },
    {
      case: 'another account’s resource that lets the account in',
      owner: ACC,
      identity: allow,
      resource: to(DEV),
      says: 'allowed',
    },
    {
      case: 'another account’s resource, and no identity policy',
      owner: ACC,
      resource: to(session),
      says: 'implicit-deny identity-based policy',
    },
  ])('$case: $says', ({ identity, boundary, session: limits, resource, owner = DEV, says }) => {
    const principal: Principal = {
      kind: 'assumed-role',
      accountId: DEV,
      arn: session,
      roleArn,
      userId: 'u',
      ...(limits ? { session: { issuedAtMs: 0, policies: [{ name: 'session', document: limits }] } } : {}),
    };
    const judgement = judge({
      principal,
      accountId: owner,
      identity: {
        policies: identity ? [{ name: 'p', document: identity }] : [],
        boundary: boundary && { name: 'b', document: boundary },
        tags: {},
      },
      resourcePolicy: resource,
      request: {
        action: 'x:Do',
        resourceArn: 'arn',
        context: new RequestContext(
          () => ({}),
          () => true,
        ),
      },
    });
    expect(judgement.allowed ? 'allowed' : `${judgement.reason} ${judgement.kind}`).toBe(says);
  });
});
