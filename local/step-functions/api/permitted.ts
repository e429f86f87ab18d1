import { formatArn, parseArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';
import { authorize } from '../../iam/authorize.ts';
import { requirePassRole } from '../../iam/pass-role.ts';
import type { Call, JsonObject, Operations } from '../../service.ts';

interface Question {
  readonly resourceArn: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** What an operation is asked for, as the policies name it; undefined where the input names nothing, which the operation refuses. */
type ResourceOf = (input: JsonObject, call: Call) => Question | undefined;

const anything: ResourceOf = () => ({ resourceArn: '*' });

const named =
  (member: string): ResourceOf =>
  ({ [member]: arn }) =>
    typeof arn === 'string' ? { resourceArn: arn } : undefined;

/** Made under `name`, in the account that is addressed. */
const made =
  (kind: string): ResourceOf =>
  ({ name }, { region, accountId }) =>
    typeof name === 'string' ? { resourceArn: formatArn('states', region, accountId, `${kind}:${name}`) } : undefined;

/** Policies name the machine itself; which version or alias of it is meant stands in the condition key. */
export function machineQuestion(arn: string): Question {
  const [, own, qualifier] = /^(arn:[^:]*:states:[^:]*:[^:]*:stateMachine:[^:]+):(.+)$/.exec(arn) ?? [];
  return own === undefined
    ? { resourceArn: arn }
    : { resourceArn: own, context: { 'states:StateMachineQualifier': qualifier! } };
}

const machine: ResourceOf = ({ stateMachineArn: arn }) => (typeof arn === 'string' ? machineQuestion(arn) : undefined);

const aliasInput: ResourceOf = ({ routingConfiguration, name }) => {
  const [first] = Array.isArray(routingConfiguration) ? routingConfiguration : [];
  const version = (first as JsonObject | undefined)?.stateMachineVersionArn;
  if (typeof version !== 'string' || typeof name !== 'string') return undefined;
  return { resourceArn: `${version.split(':').slice(0, 7).join(':')}:${name}` };
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html */
const RESOURCES: Readonly<Record<string, ResourceOf>> = {
  CreateActivity: made('activity'),
  CreateStateMachine: made('stateMachine'),
  CreateStateMachineAlias: aliasInput,
  DeleteActivity: named('activityArn'),
  DeleteStateMachine: machine,
  DeleteStateMachineAlias: named('stateMachineAliasArn'),
  DeleteStateMachineVersion: named('stateMachineVersionArn'),
  DescribeActivity: named('activityArn'),
  DescribeExecution: named('executionArn'),
  DescribeMapRun: named('mapRunArn'),
  DescribeStateMachine: machine,
  DescribeStateMachineAlias: named('stateMachineAliasArn'),
  DescribeStateMachineForExecution: named('executionArn'),
  GetActivityTask: named('activityArn'),
  GetExecutionHistory: named('executionArn'),
  ListActivities: anything,
  ListExecutions: (input, call) => machine(input, call) ?? named('mapRunArn')(input, call),
  ListMapRuns: named('executionArn'),
  ListStateMachineAliases: machine,
  ListStateMachineVersions: machine,
  ListStateMachines: anything,
  ListTagsForResource: named('resourceArn'),
  PublishStateMachineVersion: machine,
  RedriveExecution: named('executionArn'),
  StartExecution: machine,
  StartSyncExecution: machine,
  StopExecution: named('executionArn'),
  TagResource: named('resourceArn'),
  TestState: anything,
  UntagResource: named('resourceArn'),
  UpdateMapRun: named('mapRunArn'),
  UpdateStateMachine: machine,
  UpdateStateMachineAlias: named('stateMachineAliasArn'),
  ValidateStateMachineDefinition: anything,
};

/** Every operation, once the caller's policies let it. An operation that the table does not have is a mistake in the code. */
export function permitted(
  operations: Operations,
  /** The state machine whose execution a task token belongs to; undefined for a token that was never given out. */
  machineOfToken: (token: string) => string | undefined,
): Operations {
  /** A token answers for one task of one execution: policies name its state machine. */
  const ofToken: ResourceOf = ({ taskToken }) => {
    const resourceArn = typeof taskToken === 'string' ? machineOfToken(taskToken) : undefined;
    return resourceArn === undefined ? undefined : { resourceArn };
  };
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => {
      const resourceOf = /^SendTask/.test(name) ? ofToken : RESOURCES[name];
      if (!resourceOf) throw new Error(`No resource is known for states:${name}: nobody could be let in.`);
      const ask = (action: string, question: Question, call: Call) =>
        authorize({ call, action: `states:${action}`, ...question });
      return [
        name,
        (input: JsonObject, call: Call) => {
          const question = resourceOf(input, call);
          if (question) {
            ask(name, question, call);
            if (typeof input.roleArn === 'string' && input.roleArn !== '') requirePass(call, input.roleArn);
            if (input.publish === true) ask('PublishStateMachineVersion', question, call);
            if (name.startsWith('Create') && Array.isArray(input.tags) && input.tags.length > 0)
              ask('TagResource', question, call);
          }
          return operation(input, call);
        },
      ];
    }),
  );
}

/** An empty one is the operation's to refuse, with what else is wrong. Throws InvalidArn, AccessDeniedException. */
function requirePass(call: Call, roleArn: string): void {
  if (!/^arn:[^:]+:iam::\d{12}:role\/\S+$/.test(roleArn))
    throw new AwsError('InvalidArn', `Invalid Role Arn: '${roleArn}'`);
  requirePassRole(call, roleArn, 'states.amazonaws.com');
}

const ARN_MEMBERS = [
  'stateMachineArn',
  'executionArn',
  'activityArn',
  'mapRunArn',
  'resourceArn',
  'stateMachineAliasArn',
  'stateMachineVersionArn',
];

/** Whose the resource is that an input names. */
export function addressedAccount(_operation: string, input: JsonObject): string | undefined {
  const arn = ARN_MEMBERS.map((member) => input[member]).find((value) => typeof value === 'string');
  const parsed = typeof arn === 'string' ? parseArn(arn) : undefined;
  return parsed?.service === 'states' ? parsed.accountId : undefined;
}
