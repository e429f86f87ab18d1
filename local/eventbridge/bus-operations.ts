import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { PolicyStatement } from '../iam/policy.ts';
import { readPolicyDocument } from '../iam/policy-document.ts';
import { optionalText, requiredText, takeOnly } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';
import type { Buses, EventBus } from './buses.ts';
import { busArn } from './event.ts';
import { page } from './page.ts';
import type { Rules } from './rules.ts';
import type { Tags } from './tags.ts';

interface BusDeps {
  readonly ctx: AccountContext;
  readonly buses: Buses;
  readonly rules: Rules;
  readonly tags: Tags;
}

/** The operations on buses and their policies. */
export function busOperations({ ctx, buses, rules, tags }: BusDeps): Operations {
  const permittedBus = (operation: string, input: JsonObject, call: Call, member = 'Name'): string => {
    const name = buses.nameOf(optionalText(input, member));
    authorize({ call, action: `events:${operation}`, resourceArn: busArn(ctx.region, ctx.accountId, name) });
    return name;
  };
  return {
    CreateEventBus(input, call) {
      takeOnly('CreateEventBus', input, ['Name', 'Description', 'Tags']);
      requiredText(input, 'Name');
      const name = permittedBus('CreateEventBus', input, call);
      if (name.includes('/'))
        throw invalid("Parameter Name is not valid. Reason: Event bus name must not contain '/'.");
      if (buses.find(name)) throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
      const description = optionalText(input, 'Description');
      const bus = ctx.store.transaction(() => {
        const created = buses.put(name, description);
        tags.put(created.arn, input.Tags);
        return created;
      });
      return { EventBusArn: bus.arn, ...(description === undefined ? {} : { Description: description }) };
    },
    DeleteEventBus(input, call) {
      takeOnly('DeleteEventBus', input, ['Name']);
      requiredText(input, 'Name');
      const name = permittedBus('DeleteEventBus', input, call);
      if (rules.list(name).length > 0) throw invalid(`Event bus ${name} cannot be deleted since it has rules.`);
      ctx.store.transaction(() => {
        buses.delete(name);
        tags.clear(busArn(ctx.region, ctx.accountId, name));
      });
      return {};
    },
    PutPermission(input, call) {
      takeOnly('PutPermission', input, ['EventBusName', 'Action', 'Principal', 'StatementId', 'Condition', 'Policy']);
      const name = permittedBus('PutPermission', input, call, 'EventBusName');
      const bus = buses.require(name);
      if (input.Policy === undefined) {
        const { id, statement } = readStatement(input, bus);
        buses.putStatement(name, id, statement);
      } else {
        buses.putPolicy(name, readPolicy(requiredText(input, 'Policy'), name));
      }
      return {};
    },
    RemovePermission(input, call) {
      takeOnly('RemovePermission', input, ['EventBusName', 'StatementId', 'RemoveAllPermissions']);
      const name = permittedBus('RemovePermission', input, call, 'EventBusName');
      const { policy } = buses.require(name);
      if (!policy) throw new AwsError('ResourceNotFoundException', 'EventBus does not have a policy.');
      if (input.RemoveAllPermissions === true) {
        buses.putPolicy(name, []);
        return {};
      }
      const id = requiredText(input, 'StatementId');
      if (!statementsOf(policy.Statement).some(({ Sid }) => Sid === id)) {
        throw new AwsError('ResourceNotFoundException', 'Statement with the provided id does not exist.');
      }
      buses.deleteStatement(name, id);
      return {};
    },
    DescribeEventBus(input, call) {
      takeOnly('DescribeEventBus', input, ['Name']);
      const name = buses.nameOf(optionalText(input, 'Name'));
      const resourceArn = busArn(ctx.region, ctx.accountId, name);
      authorize({ call, action: 'events:DescribeEventBus', resourceArn });
      return describeBus(buses.require(name));
    },
    ListEventBuses(input, call) {
      takeOnly('ListEventBuses', input, ['NamePrefix', 'Limit', 'NextToken']);
      authorize({ call, action: 'events:ListEventBuses', resourceArn: busArn(ctx.region, ctx.accountId, '*') });
      const { items, next } = page(buses.list(optionalText(input, 'NamePrefix')), input);
      return { EventBuses: items.map(describeBus), ...next };
    },
  };
}

const statementsOf = (statement: PolicyStatement | readonly PolicyStatement[]): readonly PolicyStatement[] =>
  [statement].flat() as PolicyStatement[];

/** Each statement with the id by which RemovePermission finds it: its own, or else its place. */
function readPolicy(text: string, bus: string): readonly (readonly [id: string, statement: PolicyStatement])[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw invalid('Parameter Policy is not valid. Reason: it is not JSON.');
  }
  const { Statement } = readPolicyDocument(document, `event bus ${bus}`);
  return statementsOf(Statement).map((statement, place) => [statement.Sid ?? `statement-${place + 1}`, statement]);
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html */
function readStatement(input: JsonObject, bus: EventBus): { readonly id: string; readonly statement: PolicyStatement } {
  const id = requiredText(input, 'StatementId');
  const action = requiredText(input, 'Action');
  const principal = requiredText(input, 'Principal');
  if (!/^events:[A-Za-z]+$/.test(action)) throw invalid(`Provided value in parameter 'action' is not supported.`);
  if (principal !== '*' && !/^\d{12}$/.test(principal)) {
    throw invalid(`Provided value in parameter 'principal' is not valid.`);
  }
  const condition = input.Condition as { Type?: string; Key?: string; Value?: string } | undefined;
  const { Type = '', Key = '', Value = '' } = condition ?? {};
  const statement = {
    Sid: id,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal}:root` },
    Action: action,
    Resource: bus.arn,
    ...(condition === undefined ? {} : { Condition: { [Type]: { [Key]: Value } } }),
  };
  const [read] = statementsOf(
    readPolicyDocument({ Version: '2012-10-17', Statement: [statement] }, bus.name).Statement,
  );
  return { id, statement: read as PolicyStatement };
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const seconds = (ms: number): number => ms / 1000;

const describeBus = ({ name, arn, description, createdAtMs, policy }: EventBus): JsonObject => ({
  Name: name,
  Arn: arn,
  CreationTime: seconds(createdAtMs),
  LastModifiedTime: seconds(createdAtMs),
  ...(description === undefined ? {} : { Description: description }),
  ...(policy === undefined ? {} : { Policy: JSON.stringify(policy) }),
});
