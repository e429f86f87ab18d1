import { beforeAll, describe, expect, it } from 'vitest';
import type { PolicyStatement } from '../../local/iam/policy.ts';
import { AccessWorld, type AttachedPolicy, attachedPolicies } from './access-world.ts';
import { environmentsOf, type GoldenRow, goldenAccess, requestOf } from './golden-access.ts';
import { accounts, asList, packagedTemplates, type Stage, stages } from './packaged.ts';

type Asked = Omit<GoldenRow, 'environments'>;

const rows = goldenAccess();
let policies: readonly AttachedPolicy[];
beforeAll(async () => {
  policies = attachedPolicies(await packagedTemplates());
});

const lineOf = ({ who, action, resource, context }: Asked) => `${who} ${action} ${resource} ${JSON.stringify(context)}`;
const isService = (who: string) => who.endsWith('.amazonaws.com');

it('every row says the environments that follow from it', () => {
  for (const row of rows) expect(row.environments, lineOf(row)).toEqual(environmentsOf(row));
});

describe('what the deployment needs', () => {
  it('is allowed in each environment that needs it', () => {
    const world = new AccessWorld(policies);
    const denied = rows.flatMap((row) =>
      row.environments
        .filter((stage) => !world.judge(requestOf(row, stage)).allowed)
        .map((stage) => `${stage}: ${lineOf(row)}`),
    );
    expect(denied).toEqual([]);
  });

  it('is all that is allowed: nobody may do what only somebody else, or only another environment, needs', () => {
    const world = new AccessWorld(policies);
    const needed = new Set(rows.flatMap((row) => row.environments.map((stage) => `${stage}: ${lineOf(row)}`)));
    const everybody = [...new Set(rows.map(({ who }) => who))].filter((who) => who !== 'administrator');
    const tooMuch = everybody.flatMap((who) =>
      rows
        .filter((row) => isService(row.who) === isService(who))
        .map((row) => ({ ...row, who }))
        .flatMap((row) =>
          stages.filter((stage) => isTooMuch(world, needed, row, stage)).map((stage) => `${stage}: ${lineOf(row)}`),
        ),
    );
    expect([...new Set(tooMuch)]).toEqual([]);
  });
});

function isTooMuch(world: AccessWorld, needed: ReadonlySet<string>, row: Asked, stage: Stage): boolean {
  if (needed.has(`${stage}: ${lineOf(row)}`)) return false;
  const judgement = world.judge(requestOf(row, stage));
  // A statement for actions without a resource type reaches further than its purpose: wildcard-resources.ts has the reason for each.
  return (
    judgement.allowed &&
    !judgement.by.some(({ kind, statement }) => kind === 'identity-based policy' && statement.Resource === '*')
  );
}

interface Mutation {
  readonly what: string;
  readonly statements: readonly PolicyStatement[];
}

/** A policy without one of its statements, or one of its statements without one of its actions or resources. */
function mutations({ statements }: AttachedPolicy): readonly Mutation[] {
  return statements.flatMap((statement, index) => {
    if (statement.Effect === 'Deny') return [];
    const name = statement.Sid ?? `statement ${index + 1}`;
    const instead = (...changed: PolicyStatement[]) =>
      statements.flatMap((each, at) => (at === index ? changed : [each]));
    const parts = (element: 'Action' | 'Resource') => {
      const all = asList(statement[element]);
      return all.length < 2
        ? []
        : all.map((part) => ({
            what: `${name} without ${part}`,
            statements: instead({ ...statement, [element]: all.filter((one) => one !== part) }),
          }));
    };
    return [{ what: `no ${name}`, statements: instead() }, ...parts('Action'), ...parts('Resource')];
  });
}

/** What administrators do with keys beside what roles do: nobody that the journeys record. */
const FOR_ADMINISTRATORS =
  /^OwnAccountAdministers without|^OwnAccountUsesItWhereIamAllows without kms:(GenerateDataKeyWithoutPlaintext|CreateGrant|GetPublicKey)$|^no OwnAccountAdministers$/;

it('taking any statement, action or resource out of any policy is missed', () => {
  const asked = rows.flatMap((row) => row.environments.map((stage) => requestOf(row, stage)));
  const unmissed = policies.flatMap((policy) => {
    const concerned = asked.filter((request) => concerns(policy, request));
    return mutations(policy)
      .filter(({ what }) => !FOR_ADMINISTRATORS.test(what))
      .filter(({ statements }) => {
        const world = new AccessWorld(policies.map((each) => (each === policy ? { ...policy, statements } : each)));
        return concerned.every((request) => world.judge(request).allowed);
      })
      .map(({ what }) => `${policy.stage} ${policy.logicalId}: ${what}`);
  });
  expect(unmissed).toEqual([]);
});

/** Only who comes by a policy can miss anything of it. */
function concerns(policy: AttachedPolicy, { stage, who, resource }: ReturnType<typeof requestOf>): boolean {
  if (policy.kind === 'resource') return resource === policy.arn || resource.startsWith(`${policy.arn}/`);
  return policy.arn === `arn:aws:iam::${accounts[stage]}:role/sluice-${stage}-${who}`;
}

describe('what is forbidden whatever else is allowed', () => {
  const open: PolicyStatement = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };
  const guarded = (): readonly AttachedPolicy[] =>
    policies.filter(({ statements }) => statements.some(({ Effect }) => Effect === 'Deny'));

  it('stays forbidden: without TLS nothing, and the data bucket is for its own account', () => {
    const opened = (policy: AttachedPolicy, without?: PolicyStatement) =>
      new AccessWorld(
        policies.map((each) =>
          each === policy
            ? { ...policy, statements: [open, ...policy.statements.filter((one) => one !== without)] }
            : each,
        ),
      );
    // Without a Sid it is the packager's, for its own bucket.
    const denials = guarded().flatMap((policy) =>
      policy.statements
        .filter(({ Effect, Sid }) => Effect === 'Deny' && Sid !== undefined)
        .map((statement) => ({ policy, statement })),
    );
    const seen = new Set<string>();
    for (const { policy, statement } of denials) {
      const isForeign = statement.Sid === 'OwnAccountOnly';
      const stage = isForeign ? (stages.find((each) => each !== policy.stage) as Stage) : policy.stage;
      const request = {
        stage,
        who: isForeign ? 'move-artifact' : 'events.amazonaws.com',
        action: policy.arn.includes(':sqs:') ? 'sqs:SendMessage' : 's3:GetObject',
        resource: policy.arn.includes(':sqs:') ? policy.arn : `${policy.arn}/x`,
        context: {
          'aws:SourceAccount': accounts[stage],
          ...(isForeign ? {} : { 'aws:SecureTransport': 'false' }),
        } as Record<string, string>,
      };
      const name = `${policy.stage} ${policy.logicalId} ${statement.Sid}`;
      seen.add(statement.Sid ?? '');
      expect(opened(policy).judge(request), name).toMatchObject({ reason: 'explicit-deny', by: { statement } });
      // Another one of the policy may deny the same; without it this request must get further than this statement.
      expect(opened(policy, statement).judge(request), `without ${name}`).not.toMatchObject({ by: { statement } });
    }
    expect([...seen].sort()).toEqual(['OwnAccountOnly', 'TlsOnly']);
  });
});
