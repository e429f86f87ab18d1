import { AwsError } from '../../../local/aws-error.ts';
import { VirtualClock } from '../../../local/clock.ts';
import { seededIds } from '../../../local/ids.ts';
import { readJsonInput, writeJson, writeJsonError } from '../../../local/server/json-protocol.ts';
import type { Call, JsonObject, Services } from '../../../local/service.ts';
import { createStepFunctions, type StepFunctions } from '../../../local/step-functions/step-functions.ts';
import { Store } from '../../../local/store/store.ts';

const ACCOUNT = '111111111111';
const REGION = 'eu-west-1';
const call: Call = {
  principal: { kind: 'user', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ann`, userId: 'ann' },
  accountId: ACCOUNT,
  region: REGION,
  requestId: 'r',
};

export interface Answer {
  /** AWS's code where it was refused. */
  readonly code: string | undefined;
  readonly output: JsonObject;
}

/** The longest that one request, or one step of an execution, may keep the process busy. Processor time: the machine may have other work. */
const LONGEST_BUSY_MS = 1_000;
/** What a client gets to see of everything that is wrong. */
const MOST_TOLD = 3_000;

/** Step Functions as the wire reaches them, on a virtual clock, with functions and services that answer something. */
export class FuzzAccount {
  readonly clock = new VirtualClock();
  /** What must not be, in words. */
  readonly findings: string[] = [];
  readonly #store = new Store(':memory:');
  readonly #stepFunctions: StepFunctions;

  constructor(seed: string) {
    let asked = 0;
    const services: Services = {
      invokeLambda: async (_arn, payload) =>
        asked++ % 3 === 0
          ? { statusCode: 200, payload: '{"errorType":"Odd","errorMessage":"odd"}', functionError: 'Unhandled' }
          : { statusCode: 200, payload },
      expectLambda: () => {},
      queueLambda: async () => {},
      startExecution: async (arn, input, _principal, name) => this.#stepFunctions.startExecution(arn, input, name),
      sendMessage: async () => {},
      putEvent: async () => {},
      emitServiceEvent: () => {},
      callOperation: async (service, operation, input) => {
        if (service === 'states') return this.#operation(operation)(input, call);
        throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
      },
      hasOperation: () => true,
      callRest: async () => {
        throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
      },
    };
    this.#stepFunctions = createStepFunctions(
      {
        accountId: ACCOUNT,
        region: REGION,
        store: this.#store,
        directory: '',
        clock: this.clock,
        ids: seededIds(seed),
        log: (level, message, fields) => {
          if (level === 'error') this.#find(`logged: ${message} ${JSON.stringify(fields)}`);
        },
      },
      services,
    );
  }

  /** One request, from its bytes to the bytes of its answer. */
  async ask(operation: string, input: JsonObject): Promise<Answer> {
    const startedMs = busyMs();
    let answer: Answer;
    try {
      const body = readJsonInput(Buffer.from(JSON.stringify(input)));
      const output = await this.#passingTime(this.#operation(operation)(body, call));
      answer = { code: undefined, output: JSON.parse(writeJson(output)) };
    } catch (error) {
      answer = { code: this.#refused(operation, error), output: {} };
    }
    const tookMs = busyMs() - startedMs;
    if (tookMs > LONGEST_BUSY_MS) this.#find(`${operation} kept the process busy for ${Math.round(tookMs)} ms`);
    return answer;
  }

  /** Lets an execution run, in virtual time, until it has ended; stops one that goes on for ever. */
  async finish(executionArn: string, turns: number): Promise<string> {
    for (let turn = 0; turn < turns; turn++) {
      await this.#settledOrCut(executionArn);
      const { output } = await this.ask('DescribeExecution', { executionArn });
      if (output.status !== 'RUNNING') return String(output.status);
      if (!this.clock.next()) break;
    }
    await this.ask('StopExecution', { executionArn });
    await this.#stepFunctions.settled();
    const { output } = await this.ask('DescribeExecution', { executionArn });
    if (output.status === 'RUNNING') this.#find('an execution that was stopped is still running');
    return `stopped, ${output.status}`;
  }

  async end(): Promise<void> {
    await this.#stepFunctions.background.stop();
    this.#store.close();
  }

  /** TestState answers when the state has ended, which may be by the clock. */
  async #passingTime<T>(answer: T | Promise<T>): Promise<T> {
    if (!(answer instanceof Promise)) return answer;
    let waiting = true;
    const ended = () => {
      waiting = false;
    };
    answer.then(ended, ended);
    for (let turn = 0; waiting; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (turn > 20 && !this.clock.next()) break;
    }
    return answer;
  }

  #operation(name: string): NonNullable<StepFunctions['service']['operations'][string]> {
    const { operations } = this.#stepFunctions.service;
    if (!Object.hasOwn(operations, name)) throw new AwsError('UnknownOperationException', name, 404);
    return operations[name]!;
  }

  /** A loop without a Wait has 25,000 events to go: it is stopped as a person would. */
  async #settledOrCut(executionArn: string): Promise<void> {
    let settled = false;
    const end = this.#stepFunctions.settled().then(() => {
      settled = true;
    });
    const startedMs = busyMs();
    let lastMs = startedMs;
    while (!settled) {
      await new Promise((resolve) => setImmediate(resolve));
      const nowMs = busyMs();
      if (nowMs - lastMs > LONGEST_BUSY_MS)
        this.#find(`a step kept the process busy for ${Math.round(nowMs - lastMs)} ms`);
      lastMs = nowMs;
      if (nowMs - startedMs > LONGEST_BUSY_MS / 2) {
        await this.ask('StopExecution', { executionArn });
        break;
      }
    }
    await end;
  }

  #refused(operation: string, error: unknown): string {
    if (!(error instanceof AwsError)) {
      this.#find(`${operation} broke: ${error instanceof Error ? error.stack : String(error)}`);
      return 'InternalFailure';
    }
    const shape = JSON.parse(writeJsonError('states', error)) as { __type?: string; message?: string };
    const known = error.statusCode >= 400 && error.statusCode < 500;
    if (
      !(known || error.code === 'NotImplemented') ||
      typeof shape.__type !== 'string' ||
      typeof shape.message !== 'string'
    )
      this.#find(`${operation} was refused with ${error.statusCode} ${JSON.stringify(shape)}`);
    return error.code;
  }

  #find(what: string): void {
    this.findings.push(what.slice(0, MOST_TOLD));
  }
}

const busyMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
