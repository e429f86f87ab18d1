import { beforeAll, describe, expect, it } from 'vitest';
import {
  accounts,
  asList,
  ofType,
  type PackagedTemplate,
  packagedTemplates,
  policyStatements,
  type Stage,
  stages,
  withoutPrefix,
} from './packaged.ts';
import { wildcardResources } from './wildcard-resources.ts';

let templates: Readonly<Record<Stage, PackagedTemplate>>;
beforeAll(async () => {
  templates = await packagedTemplates();
});

describe.each(stages)('in %s', (stage) => {
  it('every function has a role of its own, named as the function, that only Lambda can take', () => {
    const template = templates[stage];
    const functions = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    const roleOf = functions.map(({ FunctionName, Role }) => [FunctionName, /^<(\w+)\.Arn>$/.exec(Role)?.[1]] as const);
    expect(new Set(roleOf.map(([, role]) => role)).size).toBe(functions.length);
    for (const [functionName, role = ''] of roleOf) {
      expect(template.resources[role]?.Properties.RoleName, functionName).toBe(functionName);
      const trust = template.resources[role]?.Properties.AssumeRolePolicyDocument.Statement;
      expect(trust, functionName).toEqual([
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]);
    }
  });

  it('a role is used by one thing, or is taken by people of the own account', () => {
    const template = templates[stage];
    const users = new Map<string, string[]>();
    for (const [id, { Type, Properties }] of Object.entries(template.resources)) {
      if (Type === 'AWS::IAM::Role') continue;
      for (const [, role = ''] of JSON.stringify(Properties).matchAll(/<(\w+Role)\.Arn>/g)) {
        users.set(role, [...(users.get(role) ?? []), id]);
      }
    }
    for (const [id] of ofType(template, 'AWS::IAM::Role')) {
      const expected = id === 'EngineerRole' || id === 'ApproverRole' ? 0 : 1;
      expect(users.get(id) ?? [], id).toHaveLength(expected);
    }
  });

  it('no Allow has a * in an action', () => {
    const wide = policyStatements(templates[stage])
      .filter(
        ({ statement }) =>
          statement.Effect === 'Allow' && asList(statement.Action).some((action) => action.includes('*')),
      )
      .map(({ logicalId, statement }) => `${logicalId}/${statement.Sid}: ${statement.Action}`);
    expect(wide).toEqual([]);
  });

  it('an Allow names its resources, except where the list gives the reason why it cannot', () => {
    const unlisted = wideStatements(templates[stage]).filter((name) => !Object.hasOwn(wildcardResources, name));
    expect(unlisted, 'list it in wildcard-resources.ts with the reason, or name the resource').toEqual([]);
  });

  it('a role may write to the log of its own function only', () => {
    for (const [id, { Properties }] of ofType(templates[stage], 'AWS::Lambda::Function')) {
      const role = /^<(\w+)\.Arn>$/.exec(Properties.Role)?.[1];
      const logs = policyStatements(templates[stage]).filter(
        ({ logicalId, statement }) => logicalId === role && asList(statement.Action).includes('logs:PutLogEvents'),
      );
      expect(
        logs.flatMap(({ statement }) => asList(statement.Resource)),
        id,
      ).toEqual([expect.stringMatching(new RegExp(`:log-group:/aws/lambda/${Properties.FunctionName}:\\*$`))]);
    }
  });

  it('who reads the registry can also commit its audit event, except predict and the people (decision 0006)', () => {
    const statements = policyStatements(templates[stage]).filter(({ type }) => type === 'AWS::IAM::Role');
    const withAction = (action: string) =>
      new Set(
        statements
          .filter(({ statement }) => asList(statement.Action).includes(action))
          .map(({ logicalId }) => logicalId),
      );
    const writers = withAction('dynamodb:PutItem');
    const readers = [...withAction('dynamodb:GetItem')].filter((role) => !writers.has(role));
    expect(readers.sort()).toEqual(['ApproverRole', 'EngineerRole', 'PredictRole']);
  });

  it('no role may delete data, models, facts or keys', () => {
    const deleting = policyStatements(templates[stage])
      .filter(({ type, statement }) => type === 'AWS::IAM::Role' && statement.Effect === 'Allow')
      .flatMap(({ logicalId, statement }) => asList(statement.Action).map((action) => `${logicalId} ${action}`))
      .filter((line) => /:(Delete|Schedule)/.test(line) && !line.endsWith('logs:DeleteLogDelivery'));
    expect(deleting).toEqual([]);
  });

  it('an approver cannot upload, publish or start, and an engineer cannot approve', () => {
    const allowed = (role: string) =>
      policyStatements(templates[stage])
        .filter(({ logicalId, statement }) => logicalId === role && statement.Sid !== undefined)
        .flatMap(({ statement }) =>
          asList(statement.Action).flatMap((action) => asList(statement.Resource).map((on) => `${action} ${on}`)),
        );
    const approver = allowed('ApproverRole');
    expect(approver.filter((line) => /^s3:|StartExecution|Redrive|function:sluice-\w+-predict$/.test(line))).toEqual(
      [],
    );
    expect(approver).toContain(
      `lambda:InvokeFunctionUrl arn:aws:lambda:eu-west-1:${accounts[stage]}:function:sluice-${stage}-record-approval`,
    );
    expect(allowed('EngineerRole').filter((line) => line.includes('record-approval'))).toEqual([]);
  });
});

it('every listed wildcard is in use', () => {
  const used = new Set(stages.flatMap((stage) => wideStatements(templates[stage])));
  expect(Object.keys(wildcardResources).filter((name) => !used.has(name))).toEqual([]);
});

it('a role has the same name in every environment but for the environment', () => {
  const names = stages.map((stage) =>
    ofType(templates[stage], 'AWS::IAM::Role')
      .filter(([, { Condition }]) => Condition === undefined)
      .map(([, { Properties }]) => withoutPrefix(stage, Properties.RoleName)),
  );
  expect(names[1]).toEqual(names[0]);
  expect(names[2]).toEqual(names[0]);
});

/** `LogicalId/Sid` of each Allow on everything, or on every key of an account. */
function wideStatements(template: PackagedTemplate): string[] {
  return policyStatements(template)
    .filter(({ statement }) => statement.Effect === 'Allow')
    .filter(({ statement }) =>
      asList(statement.Resource).some((resource) => resource === '*' || /[:/]\*$/.test(resource.replace(NARROW, ''))),
    )
    .map(({ logicalId, statement }) => `${logicalId}/${statement.Sid}`);
}

/** A * after a name that is given: the objects of one bucket or prefix, the executions of one machine, the streams of one log group. */
const NARROW =
  /(?<=^<\w+\.Arn>)\/(?:[a-z]+\/)?\*$|(?<=:execution:sluice-\w+-\w+-model):\*$|(?<=:log-group:\/aws\/lambda\/[\w-]+):\*$|(?<=^arn:aws:s3:::sluice-[\w-]+\/outbound)\/\*$/;
