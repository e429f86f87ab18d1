import { AwsError } from '../aws-error.ts';
import { VirtualClock } from '../clock.ts';
import { seededIds } from '../ids.ts';
import type { Call, JsonObject, LambdaResult, Principal, Services } from '../service.ts';
import { Store } from '../store/store.ts';
import { createStepFunctions, type StepFunctions } from './step-functions.ts';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/machine-role`;
const caller: Principal = { kind: 'user', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ann`, userId: 'ann' };
export const call: Call = { principal: caller, accountId: ACCOUNT, region: REGION, requestId: 'r' };

export type LambdaAnswer = (event: JsonObject, principal: Principal) => LambdaResult | Promise<LambdaResult>;

/** One account with nothing in it but Step Functions, and functions as the test says. For tests. */
export class TestAccount {
  readonly store = new Store(':memory:');
  readonly clock = new VirtualClock();
  readonly functions: Record<string, LambdaAnswer> = {};
  readonly events: { detailType: string; detail: JsonObject }[] = [];
  readonly asked: { service: string; operation: string; input: JsonObject; principal: Principal }[] = [];
  #generation = 0;
  stepFunctions: StepFunctions = this.open();

  open(): StepFunctions {
    const services: Services = {
      invokeLambda: async (arn, payload, principal) => {
        const answer = this.functions[arn.split(':function:')[1]!];
        if (!answer) throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
        return answer(JSON.parse(payload), principal);
      },
      expectLambda: () => {},
      queueLambda: async () => {},
      startExecution: async (arn, input, _principal, name) => this.stepFunctions.startExecution(arn, input, name),
      sendMessage: async () => {},
      putEvent: async () => {},
      emitServiceEvent: (_accountId, { detailType, detail }) =>
        void this.events.push({ detailType, detail: detail as JsonObject }),
      callOperation: async (service, operation, input, principal) => {
        this.asked.push({ service, operation, input, principal });
        if (service === 'states') return this.do(operation, input);
        if (service === 'events')
          return { Entries: [{ ErrorCode: 'InvalidArgument', ErrorMessage: 'no' }], FailedEntryCount: 1 };
        throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
      },
      hasOperation: () => true,
      callRest: async (service) => {
        throw new AwsError('NotImplemented', `${service} is not here`);
      },
    };
    const context = {
      accountId: ACCOUNT,
      region: REGION,
      store: this.store,
      directory: '',
      clock: this.clock,
      ids: seededIds(`g${this.#generation++}`),
      log: () => {},
    };
    this.stepFunctions = createStepFunctions(context, services);
    return this.stepFunctions;
  }

  /** What a `kill -9` leaves: the store. */
  async restart(): Promise<void> {
    await this.stepFunctions.background.stop();
    this.open().background.start();
    await this.stepFunctions.settled();
  }

  async do(operation: string, input: JsonObject): Promise<JsonObject> {
    return this.stepFunctions.service.operations[operation]!(input, call);
  }

  /** `CODE: message` of the refusal. Throws when it is not refused. */
  async refusal(operation: string, input: JsonObject, as: Call = call): Promise<string> {
    try {
      await this.stepFunctions.service.operations[operation]!(input, as);
    } catch (error) {
      if (error instanceof AwsError) return `${error.code}: ${error.message}`;
      throw error;
    }
    throw new Error(`${operation} was not refused.`);
  }

  async machine(name: string, definition: JsonObject, more: JsonObject = {}): Promise<string> {
    const { stateMachineArn } = await this.do('CreateStateMachine', {
      ...more,
      name,
      definition: JSON.stringify(definition),
      roleArn: ROLE,
    });
    return stateMachineArn as string;
  }

  async start(stateMachineArn: string, input: unknown = {}, name = 'run'): Promise<string> {
    const { executionArn } = await this.do('StartExecution', { stateMachineArn, name, input: JSON.stringify(input) });
    await this.settled();
    return executionArn as string;
  }

  /** In-flight functions answer in microtasks here, so a few turns of the loop are enough. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await this.stepFunctions.settled();
  }

  async describe(executionArn: string): Promise<JsonObject> {
    return this.do('DescribeExecution', { executionArn });
  }

  async types(executionArn: string): Promise<string[]> {
    const { events } = await this.do('GetExecutionHistory', { executionArn, maxResults: 1000 });
    return (events as { type: string }[]).map(({ type }) => type);
  }
}

export const answer = (value: unknown): LambdaResult => ({ statusCode: 200, payload: JSON.stringify(value) });
export const failure = (errorType: string, errorMessage = ''): LambdaResult => ({
  statusCode: 200,
  payload: JSON.stringify({ errorType, errorMessage, trace: [] }),
  functionError: 'Unhandled',
});
export const invoke = (name: string, more: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: name, Payload: '{% { "input": $states.input, "context": $states.context } %}' },
  Output: '{% $states.result.Payload %}',
  End: true,
  ...more,
});
export const one = (state: JsonObject): JsonObject => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Only',
  States: { Only: state },
});

/** A machine of one Pass state; another comment is another definition. */
export const pass = (comment = ''): JsonObject => ({
  StartAt: 'P',
  States: { P: { Type: 'Pass', Comment: comment, End: true } },
});

/** A machine of one Wait state. */
export const wait = (seconds: number): JsonObject => ({
  StartAt: 'W',
  States: { W: { Type: 'Wait', Seconds: seconds, End: true } },
});
