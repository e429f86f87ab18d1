import { strToU8, zipSync } from 'fflate';
import { REGION, type TestRuntime } from '../../server/test-runtime.ts';
import type { JsonObject } from '../../service.ts';

const EVERYTHING = [
  { PolicyName: 'all', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } },
];

/** The three operations of Step Functions that a test speaks to over the wire. */
export interface StepFunctionsClient {
  create(input: { name: string; roleArn: string; definition: string }): Promise<string>;
  start(stateMachineArn: string): Promise<string>;
  describe(executionArn: string): Promise<ExecutionState>;
}

interface ExecutionState {
  readonly status?: string | undefined;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** State machines of one Task on a real runtime, for tests of what the task does. */
export class TestMachine {
  readonly runtime: TestRuntime;
  readonly accountId: string;
  readonly #client: StepFunctionsClient;
  #count = 0;

  constructor(runtime: TestRuntime, accountId: string, client: StepFunctionsClient) {
    this.runtime = runtime;
    this.accountId = accountId;
    this.#client = client;
  }

  /** A role that may do everything that its account may, trusted by `principal` (a service by default). */
  async role(name: string, trusted: JsonObject = { Service: ['states.amazonaws.com', 'lambda.amazonaws.com'] }) {
    const statement = { Effect: 'Allow', Principal: trusted, Action: 'sts:AssumeRole' };
    const { attributes } = await this.runtime.put(
      this.accountId,
      'AWS::IAM::Role',
      { RoleName: name, AssumeRolePolicyDocument: { Statement: [statement] }, Policies: EVERYTHING },
      `Role${name}`,
    );
    return attributes.Arn as string;
  }

  /** A function whose `index.mjs` is this text. */
  async function(name: string, code: string, roleArn: string, properties: JsonObject = {}): Promise<string> {
    const zip = zipSync({ 'index.mjs': strToU8(code) });
    await this.runtime.put(
      this.accountId,
      'AWS::Lambda::Function',
      {
        FunctionName: name,
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: roleArn,
        Code: { S3Bucket: 'deployment', S3Key: 'code.zip' },
        ...properties,
      },
      `Function${name}`,
      { 'code.zip': zip },
    );
    return `arn:aws:lambda:${REGION}:${this.accountId}:function:${name}`;
  }

  async create(definition: JsonObject, roleArn = `arn:aws:iam::${this.accountId}:role/machine`): Promise<string> {
    return this.#client.create({ name: `m${this.#count++}`, roleArn, definition: JSON.stringify(definition) });
  }

  /** Makes a machine of one Task, in JSONata, and starts it. */
  async start(resource: string, args: unknown, more: JsonObject = {}): Promise<string> {
    const task = { Type: 'Task', Resource: resource, Arguments: args, End: true, ...more };
    const machine = await this.create({ QueryLanguage: 'JSONata', StartAt: 'Task', States: { Task: task } });
    return this.#client.start(machine);
  }

  async ended(executionArn: string): Promise<ExecutionState> {
    for (;;) {
      const execution = await this.#client.describe(executionArn);
      if (execution.status !== 'RUNNING') return execution;
    }
  }

  /** The task's result. Throws with error and cause when it failed. */
  async result(resource: string, args: unknown, more?: JsonObject): Promise<Record<string, unknown>> {
    const { status, output, error, cause } = await this.ended(await this.start(resource, args, more));
    if (status !== 'SUCCEEDED') throw new Error(`${status} ${error}: ${cause}`);
    return JSON.parse(output ?? 'null') as Record<string, unknown>;
  }

  /** The task's error and cause. */
  async failure(resource: string, args: unknown, more?: JsonObject) {
    const { status, error, cause } = await this.ended(await this.start(resource, args, more));
    return { status, error, cause };
  }
}
