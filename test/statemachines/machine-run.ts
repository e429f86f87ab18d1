import { AwsError } from '../../local/aws-error.ts';
import { VirtualClock } from '../../local/clock.ts';
import { seededIds } from '../../local/ids.ts';
import type { Call, JsonObject, LambdaResult, Principal, Services } from '../../local/service.ts';
import { createStepFunctions, type StepFunctions } from '../../local/step-functions/step-functions.ts';
import { Store } from '../../local/store/store.ts';
import { ACCOUNT, definitionOf, type MachineName, machineArn, REGION } from './definitions.ts';

/** What a function is sent: its input, and the context object of its state. */
export interface Sent {
  readonly input: JsonObject;
  readonly context: {
    readonly Execution: { readonly Name: string };
    readonly State: { readonly Name: string; readonly RetryCount: number };
    readonly Task?: { readonly Token?: string };
  };
}

/** What a function answers; an Error is thrown by it, by its name. */
export type Answer = unknown | ((sent: Sent, run: MachineRun) => unknown);
export type Answers = Readonly<Record<string, Answer>>;

const principal: Principal = {
  kind: 'user',
  accountId: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/ann`,
  userId: 'ann',
};
const call: Call = { principal, accountId: ACCOUNT, region: REGION, requestId: 'request' };

/** An error as a function throws it: its name reaches `ErrorEquals`. */
export const thrown = (name: string, message = `the message of ${name}`): Error =>
  Object.assign(new Error(message), { name });

/** Answers a task that waits for its token as soon as its function has been called. */
export const throughToken =
  (output: unknown) =>
  (sent: Sent, run: MachineRun): unknown => {
    run.succeed(sent, output);
    return output;
  };

/** Both state machines on the local Step Functions, with the functions as a test says, and a clock that jumps. */
export class MachineRun {
  readonly clock = new VirtualClock();
  readonly sent: { readonly function: string; readonly sent: Sent }[] = [];
  readonly #answers: Answers;
  readonly #stepFunctions: StepFunctions;
  readonly #later: (() => Promise<unknown>)[] = [];

  constructor(answers: Answers) {
    this.#answers = answers;
    const services: Services = {
      invokeLambda: async (arn, payload) => this.#invoke(arn.split(':function:')[1] ?? '', JSON.parse(payload)),
      expectLambda: () => {},
      queueLambda: async () => {},
      startExecution: async () => {
        throw new AwsError('NotImplemented', 'nothing else starts an execution here');
      },
      sendMessage: async () => {},
      putEvent: async () => {},
      emitServiceEvent: () => {},
      callOperation: async (service, operation, input) => {
        if (service !== 'states') throw new AwsError('NotImplemented', `${service} is not here`);
        return this.#do(operation, input);
      },
      hasOperation: (service) => service === 'states',
      callRest: async (service) => {
        throw new AwsError('NotImplemented', `${service} is not here`);
      },
    };
    const context = {
      accountId: ACCOUNT,
      region: REGION,
      store: new Store(':memory:'),
      directory: '',
      clock: this.clock,
      ids: seededIds('machine-run'),
      log: () => {},
    };
    this.#stepFunctions = createStepFunctions(context, services);
  }

  async #do(operation: string, input: JsonObject): Promise<JsonObject> {
    const run = this.#stepFunctions.service.operations[operation];
    if (!run) throw new Error(`there is no operation ${operation}`);
    return run(input, call);
  }

  async #invoke(name: string, sent: Sent): Promise<LambdaResult> {
    this.sent.push({ function: name, sent });
    const answer = this.#answers[name];
    if (answer === undefined) throw new Error(`the test does not say what ${name} answers`);
    const value = typeof answer === 'function' ? await answer(sent, this) : answer;
    if (value instanceof Error) {
      const payload = JSON.stringify({ errorType: value.name, errorMessage: value.message, trace: [] });
      return { statusCode: 200, payload, functionError: 'Unhandled' };
    }
    return { statusCode: 200, payload: JSON.stringify(value) };
  }

  /** Answers a waiting task, once its function has answered. */
  succeed({ context }: Sent, output: unknown): void {
    const input = { taskToken: context.Task?.Token, output: JSON.stringify(output) };
    this.#later.push(() => this.#do('SendTaskSuccess', input));
  }
  fail({ context }: Sent, error: string, cause: string): void {
    this.#later.push(() => this.#do('SendTaskFailure', { taskToken: context.Task?.Token, error, cause }));
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await this.#stepFunctions.settled();
    while (this.#later.length > 0) {
      await this.#later.shift()?.();
      for (let turn = 0; turn < 3; turn++) await this.#stepFunctions.settled();
    }
  }

  /** Runs to the end, timers and all, and says how it ended and which functions were called, in order. */
  async run(machine: MachineName, input: unknown, name = 'run-1') {
    for (const one of ['train-model', 'promote-model'] as const) {
      const definition = JSON.stringify(definitionOf(one));
      await this.#do('CreateStateMachine', { name: one, definition, roleArn: `arn:aws:iam::${ACCOUNT}:role/machine` });
    }
    const start = { stateMachineArn: machineArn(machine), name, input: JSON.stringify(input) };
    const { executionArn } = await this.#do('StartExecution', start);
    await this.#settle();
    const describe = () => this.#do('DescribeExecution', { executionArn });
    while ((await describe()).status === 'RUNNING') {
      if (!this.clock.next()) throw new Error('the execution waits for what never comes');
      await this.#settle();
    }
    const { status, error, cause, output } = await describe();
    const { events } = await this.#do('GetExecutionHistory', { executionArn, maxResults: 1000 });
    const states = (events as { type: string; stateEnteredEventDetails?: { name: string } }[]).flatMap(
      ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
    );
    return {
      status,
      error,
      cause,
      output: typeof output === 'string' ? JSON.parse(output) : undefined,
      /** The states of this execution, in the order in which they were entered. */
      states,
      /** What the functions were called with. */
      calls: this.sent.map(({ function: called }) => called),
    };
  }

  inputOf(name: string): JsonObject | undefined {
    return this.sent.findLast((one) => one.function === name)?.sent.input;
  }
}
