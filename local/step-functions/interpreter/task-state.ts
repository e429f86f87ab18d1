import { evaluationProblem, runtimeProblem } from '../language/problem.ts';
import type { Draft } from './entry.ts';
import type { Evaluation } from './evaluation.ts';
import { type InterpreterEnvironment, Evaluation as StateEvaluation } from './evaluation.ts';
import type { Execution, Frame } from './execution.ts';
import { parseResource, type TaskResource } from './resource.ts';
import { unexpectedType } from './simple-states.ts';

/** Schedules the task of a Task state. Who does it is told by the log: a pending task with nobody on it is dispatched. */
export async function scheduleTask(
  execution: Execution,
  frame: Frame,
  environment: InterpreterEnvironment,
): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  const resource = parseResource(definition.Resource!)!;
  if (resource.kind === 'Activity' && !environment.hasActivity(resource.arn)) {
    throw runtimeProblem(`The activity ${resource.arn} does not exist.`);
  }
  const token = needsToken(resource) ? newToken(environment) : undefined;
  const evaluation = new StateEvaluation(execution, frame, environment, token);
  const evaluated =
    language === 'JSONata' ? await jsonataArguments(frame, evaluation) : jsonpathArguments(frame, evaluation, input);
  const { timeoutSeconds, heartbeatSeconds, credentials } = evaluated;
  // Input that goes to the task untouched keeps its text: 0.0 stays 0.0.
  const untouched = evaluated.parameters === execution.input;
  const parameters = untouched ? execution.inputText : JSON.stringify(evaluated.parameters);
  const limits = {
    ...(timeoutSeconds !== undefined && { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds !== undefined && { heartbeatInSeconds: heartbeatSeconds }),
    ...(credentials !== undefined && { taskCredentials: { roleArn: credentials } }),
  };
  const nowMs = environment.clock.now();
  const memo = {
    ...(token !== undefined && { token }),
    ...(timeoutSeconds !== undefined && { timeoutAtMs: nowMs + timeoutSeconds * 1000 }),
    ...(heartbeatSeconds !== undefined && { heartbeatMs: heartbeatSeconds * 1000 }),
    ...(credentials !== undefined && { credentials }),
  };
  if (resource.kind === 'Task') {
    return {
      frame: frame.id,
      type: 'TaskScheduled',
      details: {
        resourceType: resource.resourceType,
        resource: resource.resource,
        region: environment.region,
        parameters,
        ...limits,
      },
      memo,
    };
  }
  return {
    frame: frame.id,
    type: `${resource.kind}Scheduled`,
    details: { resource: resource.arn, input: parameters, ...limits },
    memo,
  };
}

const needsToken = (resource: TaskResource): boolean =>
  resource.kind === 'Activity' || (resource.kind === 'Task' && resource.pattern !== 'request-response');

/** Opaque, unguessable, and shaped like AWS's: URL-safe text. */
const newToken = ({ ids }: InterpreterEnvironment): string => Buffer.from(ids.hex(96), 'hex').toString('base64url');

interface TaskArguments {
  readonly parameters: unknown;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  readonly credentials: string | undefined;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html */
const LONGEST_TIMEOUT_SECONDS = 99_999_999;

async function jsonataArguments(frame: Frame, evaluation: Evaluation): Promise<TaskArguments> {
  const { definition, input } = frame.state!;
  const scope = evaluation.jsonataScope(input);
  const parameters = evaluation.at(
    'afterArguments',
    definition.Arguments === undefined ? input : await evaluation.jsonata(definition.Arguments, 'Arguments', scope),
  );
  const seconds = async (field: 'TimeoutSeconds' | 'HeartbeatSeconds') => {
    if (definition[field] === undefined) return undefined;
    const value = await evaluation.jsonataField(definition[field], field, scope);
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw unexpectedType(definition[field], field, 'integer', value);
    if (value < 1 || value > LONGEST_TIMEOUT_SECONDS) {
      throw evaluationProblem(
        `The ${field} field is not between 1 and ${LONGEST_TIMEOUT_SECONDS} seconds: ${value}`,
        field,
      );
    }
    return value;
  };
  const role =
    definition.Credentials &&
    (await evaluation.jsonataField(definition.Credentials.RoleArn, 'Credentials/RoleArn', scope));
  if (role !== undefined && typeof role !== 'string')
    throw unexpectedType(definition.Credentials?.RoleArn, 'Credentials/RoleArn', 'string', role);
  return {
    parameters,
    timeoutSeconds: await seconds('TimeoutSeconds'),
    heartbeatSeconds: await seconds('HeartbeatSeconds'),
    credentials: role,
  };
}

function jsonpathArguments(frame: Frame, evaluation: Evaluation, input: unknown): TaskArguments {
  const { definition } = frame.state!;
  const effective = evaluation.at('afterInputPath', evaluation.path(definition.InputPath, input));
  const parameters = evaluation.at(
    'afterParameters',
    definition.Parameters === undefined ? effective : evaluation.template(definition.Parameters, effective),
  );
  const seconds = (field: 'TimeoutSeconds' | 'HeartbeatSeconds') => {
    const path = definition[`${field}Path`];
    if (path === undefined) return definition[field] as number | undefined;
    const value = evaluation.path(path, effective);
    if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0 || value > LONGEST_TIMEOUT_SECONDS) {
      throw runtimeProblem(
        `The ${field}Path parameter does not reference a positive integer: ${path} == ${JSON.stringify(value)}`,
      );
    }
    return value;
  };
  const { RoleArn, 'RoleArn.$': reference } = definition.Credentials ?? {};
  const credentials = typeof reference === 'string' ? evaluation.reference(reference, 'RoleArn.$', effective) : RoleArn;
  return {
    parameters,
    timeoutSeconds: seconds('TimeoutSeconds'),
    heartbeatSeconds: seconds('HeartbeatSeconds'),
    credentials: credentials as string | undefined,
  };
}
