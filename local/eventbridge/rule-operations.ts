import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { requirePassRole } from '../iam/pass-role.ts';
import { optionalText, requiredText, shown, takeOnly, textOf } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';
import type { Buses } from './buses.ts';
import { ruleArn } from './event.ts';
import { page } from './page.ts';
import { compilePattern, matchesPattern } from './pattern/pattern.ts';
import type { Rule, Rules } from './rules.ts';
import type { Scheduler } from './scheduler.ts';
import type { Tags } from './tags.ts';
import { readTarget } from './target.ts';

interface RuleDeps {
  readonly ctx: AccountContext;
  readonly buses: Buses;
  readonly rules: Rules;
  readonly scheduler: Scheduler;
  readonly tags: Tags;
}

/** The operations on rules and their targets. */
export function ruleOperations({ ctx, buses, rules, scheduler, tags }: RuleDeps): Operations {
  /** The bus and the rule that a request names, once the caller was found to be allowed to do it. */
  const address = (operation: string, input: JsonObject, call: Call, ruleMember = 'Name') => {
    const bus = buses.nameOf(optionalText(input, 'EventBusName'));
    const name = requiredText(input, ruleMember);
    const resourceArn = ruleArn(ctx.region, ctx.accountId, bus, name);
    authorize({ call, action: `events:${operation}`, resourceArn });
    buses.require(bus);
    return { bus, name };
  };
  const setState =
    (operation: string, state: Rule['state']): Operations[string] =>
    (input, call) => {
      takeOnly(operation, input, ['Name', 'EventBusName']);
      const { bus, name } = address(operation, input, call);
      rules.setState(bus, name, state);
      scheduler.reschedule();
      return {};
    };

  return {
    TestEventPattern(input, call) {
      takeOnly('TestEventPattern', input, ['EventPattern', 'Event']);
      authorize({ call, action: 'events:TestEventPattern', resourceArn: '*' });
      const pattern = compilePattern(requiredText(input, 'EventPattern'));
      const event = requiredText(input, 'Event');
      checkTestEvent(event);
      return { Result: matchesPattern(pattern, event) };
    },
    PutRule(input, call) {
      takeOnly('PutRule', input, [
        'Name',
        'EventBusName',
        'EventPattern',
        'ScheduleExpression',
        'State',
        'Description',
        'RoleArn',
        'Tags',
      ]);
      const { bus, name } = address('PutRule', input, call);
      if (typeof input.RoleArn === 'string') requirePassRole(call, input.RoleArn, 'events.amazonaws.com');
      const rule = rules.put({
        bus,
        name,
        state: readState(input.State),
        ...optional('pattern', textOf(input, 'EventPattern')),
        ...optional('schedule', textOf(input, 'ScheduleExpression')),
        ...optional('description', textOf(input, 'Description')),
        ...optional('roleArn', textOf(input, 'RoleArn')),
      });
      tags.put(rule.arn, input.Tags);
      scheduler.reschedule();
      return { RuleArn: rule.arn };
    },
    DescribeRule(input, call) {
      takeOnly('DescribeRule', input, ['Name', 'EventBusName']);
      const { bus, name } = address('DescribeRule', input, call);
      return { ...describe(rules.require(bus, name)), CreatedBy: ctx.accountId };
    },
    ListRules(input, call) {
      takeOnly('ListRules', input, ['NamePrefix', 'EventBusName', 'Limit', 'NextToken']);
      const bus = buses.nameOf(optionalText(input, 'EventBusName'));
      authorize({ call, action: 'events:ListRules', resourceArn: ruleArn(ctx.region, ctx.accountId, bus, '*') });
      buses.require(bus);
      const { items, next } = page(rules.list(bus, optionalText(input, 'NamePrefix')), input);
      return { Rules: items.map(describe), ...next };
    },
    ListRuleNamesByTarget(input, call) {
      takeOnly('ListRuleNamesByTarget', input, ['TargetArn', 'EventBusName', 'Limit', 'NextToken']);
      const bus = buses.nameOf(optionalText(input, 'EventBusName'));
      const resourceArn = ruleArn(ctx.region, ctx.accountId, bus, '*');
      authorize({ call, action: 'events:ListRuleNamesByTarget', resourceArn });
      buses.require(bus);
      const { items, next } = page(rules.namesByTarget(bus, requiredText(input, 'TargetArn')), input);
      return { RuleNames: items, ...next };
    },
    DeleteRule(input, call) {
      takeOnly('DeleteRule', input, ['Name', 'EventBusName', 'Force']);
      const { bus, name } = address('DeleteRule', input, call);
      rules.delete(bus, name);
      tags.clear(ruleArn(ctx.region, ctx.accountId, bus, name));
      scheduler.reschedule();
      return {};
    },
    EnableRule: setState('EnableRule', 'ENABLED'),
    DisableRule: setState('DisableRule', 'DISABLED'),
    PutTargets(input, call) {
      takeOnly('PutTargets', input, ['Rule', 'EventBusName', 'Targets']);
      const { bus, name } = address('PutTargets', input, call, 'Rule');
      const targets = asArray(input, 'Targets').map(readTarget);
      for (const { RoleArn } of targets)
        if (RoleArn !== undefined) requirePassRole(call, RoleArn, 'events.amazonaws.com');
      rules.putTargets(bus, name, targets);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule(input, call) {
      takeOnly('ListTargetsByRule', input, ['Rule', 'EventBusName', 'Limit', 'NextToken']);
      const { bus, name } = address('ListTargetsByRule', input, call, 'Rule');
      rules.require(bus, name);
      const { items, next } = page(rules.targets(bus, name), input);
      return { Targets: items, ...next };
    },
    RemoveTargets(input, call) {
      takeOnly('RemoveTargets', input, ['Rule', 'EventBusName', 'Ids', 'Force']);
      const { bus, name } = address('RemoveTargets', input, call, 'Rule');
      rules.require(bus, name);
      const failed = asArray(input, 'Ids').filter((id) => !rules.removeTarget(bus, name, String(id)));
      return {
        FailedEntryCount: failed.length,
        FailedEntries: failed.map((TargetId) => ({
          TargetId,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Rule ${name} does not have target(s) with id ${String(TargetId)}.`,
        })),
      };
    },
  };
}

const describe = (rule: Rule): JsonObject => ({
  Name: rule.name,
  Arn: rule.arn,
  EventBusName: rule.bus,
  State: rule.state,
  ...optional('EventPattern', rule.pattern),
  ...optional('ScheduleExpression', rule.schedule),
  ...optional('Description', rule.description),
  ...optional('RoleArn', rule.roleArn),
});

export const optional = <K extends string>(key: K, value: unknown): Partial<Record<K, string>> =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, string>>;

export function readState(value: unknown): Rule['state'] {
  if (value === undefined || value === 'ENABLED') return 'ENABLED';
  if (value === 'DISABLED') return 'DISABLED';
  throw notImplemented(`A rule with State ${shown(value)}`);
}

function asArray(input: JsonObject, name: string): readonly unknown[] {
  const value = input[name];
  if (Array.isArray(value) && value.length > 0) return value;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value === undefined ? 'null' : '[]'}' at '${name.toLowerCase()}' failed to satisfy constraint: Member must have length greater than or equal to 1`,
  );
}

/** The fields that TestEventPattern asks of an event. */
const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'detail-type'];

function checkTestEvent(text: string): void {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    throw new AwsError('ValidationException', 'Parameter Event is not valid. Reason: it is not JSON.');
  }
  const missing = REQUIRED.filter((name) => (event as JsonObject | null)?.[name] === undefined);
  if (missing.length > 0) {
    throw new AwsError('ValidationException', `Parameter Event is not valid. Reason: it lacks ${missing.join(', ')}.`);
  }
}
