import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { patiently } from '../patiently.ts';
import { ARN } from './load.ts';
import type { LoadWorld } from './load-world.ts';

/** An execution whose start was acknowledged. */
export interface Started {
  readonly arn: string;
  readonly n: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const MOST_OPEN = 12;

/** Everybody who has to do with the load from outside: who starts executions, who answers tokens, who works for the activity, who looks on. */
export class LoadClients {
  readonly started: Started[] = [];
  /** The longest history that was seen of an execution: none of it may be otherwise afterwards. */
  readonly seen = new Map<string, readonly HistoryEvent[]>();
  readonly ends = new Map<string, DescribeExecutionCommandOutput>();
  readonly #world: LoadWorld;
  readonly #prefix: string;
  #starting = true;
  #working = true;
  readonly #started: Promise<void>;
  readonly #all: Promise<unknown>;

  constructor(world: LoadWorld, prefix: string) {
    this.#world = world;
    this.#prefix = prefix;
    this.#started = this.#start();
    this.#all = Promise.all([this.#started, this.#answer(), this.#byHand(), this.#byHand(), this.#lookOn()]);
    this.#all.catch(() => {});
  }

  get open(): readonly Started[] {
    return this.started.filter(({ arn }) => !this.ends.has(arn));
  }

  /** No more is started; resolves when everything that was has ended. Rejects, saying what is stuck. */
  async finish(withinMs: number): Promise<void> {
    this.#starting = false;
    await this.#started;
    const isOver = async () => (this.open.length === 0 ? true : undefined);
    await Promise.race([patiently('the end of every execution', isOver, withinMs), this.#all]);
    this.#working = false;
  }

  stop(): void {
    this.#starting = false;
    this.#working = false;
  }

  async #start(): Promise<void> {
    for (let n = 1; this.#starting; n++) {
      while (this.#starting && this.open.length >= MOST_OPEN) await pause(20);
      if (!this.#starting) return;
      const input = { stateMachineArn: ARN.machine, name: `${this.#prefix}-${n}`, input: JSON.stringify({ n }) };
      const { executionArn } = await this.#ask(() => this.#client.send(new StartExecutionCommand(input)));
      this.started.push({ arn: executionArn as string, n });
    }
  }

  async #answer(): Promise<void> {
    for (let done = 0; this.#working; await pause(30)) {
      const tokens = this.#world.records<{ token: string; n: number }>('tokens');
      for (const { token, n } of tokens.slice(done)) await this.#succeed(token, n + 1);
      done = tokens.length;
    }
  }

  async #byHand(): Promise<void> {
    while (this.#working) {
      try {
        const abortSignal = AbortSignal.timeout(3_000);
        const request = new GetActivityTaskCommand({ activityArn: ARN.activity, workerName: 'worker' });
        const { taskToken, input } = await this.#client.send(request, { abortSignal });
        if (taskToken) await this.#succeed(taskToken, (JSON.parse(input as string) as { n: number }).n + 2);
      } catch {
        // The runtime is away, or nothing came: it is asked again.
        await pause(30);
      }
    }
  }

  /** Told until it is heard; a task that has ended in the meantime needs no answer. */
  async #succeed(taskToken: string, output: unknown): Promise<void> {
    await this.#ask(async () => {
      try {
        await this.#client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
      } catch (error) {
        if ((error as Error).name !== 'TaskTimedOut') throw error;
      }
      return true;
    });
  }

  async #lookOn(): Promise<void> {
    for (let turn = 0; this.#working; turn++) {
      const { open } = this;
      const one = open[turn % Math.max(1, open.length)];
      await pause(20);
      if (!one) continue;
      try {
        const end = await this.#client.send(new DescribeExecutionCommand({ executionArn: one.arn }));
        this.seen.set(one.arn, await readHistory(this.#client, one.arn));
        if (end.status !== 'RUNNING') this.ends.set(one.arn, end);
      } catch (error) {
        // Of an execution that was acknowledged there must always be an answer.
        if ((error as Error).name === 'ExecutionDoesNotExist') throw error;
      }
    }
  }

  get #client(): SFNClient {
    return this.#world.client;
  }

  #ask<T>(request: () => Promise<T>): Promise<T> {
    return patiently('an answer of the runtime', async () => {
      if (!this.#working) throw new Error('the run is over');
      return request();
    });
  }
}

export async function readHistory(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
    events.push(...(page.events ?? []));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return events;
}
