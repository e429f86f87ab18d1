import { AwsError } from '../../aws-error.ts';
import { optionalChoice, optionalInteger, optionalText, requiredText, takeOnly } from '../../operation-input.ts';
import type { AccountContext, JsonObject, Operations } from '../../service.ts';
import type { Engine } from '../engine/engine.ts';
import type { ExecutionRow } from '../engine/execution-log.ts';
import type { Parent } from '../integrations/nested-execution.ts';
import { ROOT } from '../interpreter/execution.ts';
import { byteLength, PAYLOAD_LIMIT_BYTES } from '../interpreter/outcome.ts';
import { historyEvent, withoutExecutionData } from './history.ts';
import { checkArn, checkName, pageToken, readPageToken } from './names.ts';
import type { StateMachines } from './state-machines.ts';

/** For so long after its end a Standard execution's name is taken, and its history kept. */
const NAME_KEPT_MS = 90 * 24 * 3_600_000;
const REDRIVABLE_MS = 14 * 24 * 3_600_000;
const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;

export class Executions {
  readonly #context: AccountContext;
  readonly #engine: Engine;
  readonly #machines: StateMachines;
  readonly #expected = new Map<string, Parent>();

  constructor(context: AccountContext, engine: Engine, machines: StateMachines) {
    this.#context = context;
    this.#engine = engine;
    this.#machines = machines;
  }

  /** The next execution started under this ARN belongs to a task of `parent`. Returns how to take that back. */
  expect(executionArn: string, parent: Parent): () => void {
    this.#expected.set(executionArn, parent);
    return () => {
      if (this.#expected.get(executionArn) === parent) this.#expected.delete(executionArn);
    };
  }

  start(
    stateMachineArn: string,
    inputText: string | undefined,
    givenName: string | undefined,
    traceHeader?: string,
  ): ExecutionRow {
    const machine = this.#machines.get(stateMachineArn);
    const name = givenName ?? this.#context.ids.uuid();
    checkName(name);
    const input = inputText ?? '{}';
    checkInput(input);
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const parent = this.#expected.get(arn);
    this.#expected.delete(arn);
    const existing = this.#engine.log.byArn(arn);
    if (existing) {
      const nowMs = this.#context.clock.now();
      const expired = existing.stoppedAtMs !== null && existing.stoppedAtMs + NAME_KEPT_MS < nowMs;
      if (!expired) {
        if (existing.status === 'RUNNING' && existing.input === input) return existing;
        throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      }
      this.#context.store.transaction(() => this.#engine.log.forget(existing.key));
    }
    this.#engine.start({
      header: { arn, name, stateMachineArn: machine.arn, stateMachineName: machine.name, roleArn: machine.roleArn },
      definition: machine.definition,
      revision: machine.revisionId,
      input,
      ...(traceHeader !== undefined && { traceHeader }),
      ...(parent && { parent }),
    });
    return this.#engine.log.byArn(arn)!;
  }

  get(arn: string): ExecutionRow {
    checkArn(arn, 'execution');
    const row = this.#engine.log.byArn(arn);
    if (!row) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return row;
  }

  /** When it stopped. One that has ended is left as it is. */
  async stop(arn: string, error?: string, cause?: string): Promise<number> {
    const details = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    await this.#engine.post(this.get(arn), (execution) =>
      execution.status === 'RUNNING'
        ? [{ frame: ROOT, type: 'ExecutionAborted', details, previousEventId: 0 }]
        : undefined,
    );
    return this.get(arn).stoppedAtMs!;
  }

  /** Goes on from the state that failed; the history is kept and gets longer. Answers when. */
  async redrive(arn: string): Promise<number> {
    const row = this.get(arn);
    const reason = this.notRedrivable(row);
    if (reason) throw new AwsError('ExecutionNotRedrivable', reason);
    const nowMs = this.#context.clock.now();
    const accepted = await this.#engine.post(row, (execution) => {
      if (execution.status === 'RUNNING' || execution.status === 'SUCCEEDED') return undefined;
      const { TimeoutSeconds: seconds } = execution.header.definition;
      return [
        {
          frame: ROOT,
          type: 'ExecutionRedriven',
          details: { redriveCount: execution.redriveCount + 1 },
          ...(seconds !== undefined && { memo: { timeoutAtMs: nowMs + seconds * 1000 } }),
          previousEventId: execution.lastEventId,
        },
      ];
    });
    if (!accepted) throw new AwsError('ExecutionNotRedrivable', 'Execution is RUNNING and cannot be redriven');
    return nowMs;
  }

  notRedrivable(row: ExecutionRow): string | undefined {
    if (row.status === 'RUNNING' || row.status === 'SUCCEEDED')
      return `Execution is ${row.status} and cannot be redriven`;
    if (row.startedAtMs + REDRIVABLE_MS < this.#context.clock.now())
      return 'Execution was started more than 14 days ago and cannot be redriven';
    return undefined;
  }

  describe(row: ExecutionRow): JsonObject {
    const reason = this.notRedrivable(row);
    return {
      executionArn: row.arn,
      stateMachineArn: row.stateMachineArn,
      name: row.name,
      status: row.status,
      startDate: new Date(row.startedAtMs),
      ...(row.stoppedAtMs !== null && { stopDate: new Date(row.stoppedAtMs) }),
      input: row.input,
      inputDetails: { included: true },
      ...(row.output !== null && { output: row.output, outputDetails: { included: true } }),
      ...(row.error !== null && { error: row.error }),
      ...(row.cause !== null && { cause: row.cause }),
      ...(row.traceHeader !== null && { traceHeader: row.traceHeader }),
      redriveCount: row.redriveCount,
      ...(row.redrivenAtMs !== null && { redriveDate: new Date(row.redrivenAtMs) }),
      redriveStatus: reason ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
      ...(reason && { redriveStatusReason: reason }),
    };
  }

  history(row: ExecutionRow, limit: number, from: number | undefined, reverse: boolean, withData: boolean): JsonObject {
    const start = from ?? (reverse ? Number.MAX_SAFE_INTEGER : 0);
    const entries = this.#engine.log.events(row.key, start, limit + 1, reverse);
    const page = entries.slice(0, limit);
    const events = page.map((entry) => {
      const event = { ...historyEvent(entry), timestamp: new Date(entry.at) };
      return withData ? event : withoutExecutionData(event);
    });
    return { events, ...(entries.length > limit && { nextToken: pageToken(page.at(-1)!.id) }) };
  }

  definitionOf(row: ExecutionRow): JsonObject {
    return {
      stateMachineArn: row.stateMachineArn,
      name: row.stateMachineName,
      definition: this.#engine.log.definition(row.revision),
      roleArn: row.roleArn,
      updateDate: new Date(this.#machines.find(row.stateMachineArn)?.updatedAtMs ?? row.startedAtMs),
      loggingConfiguration: JSON.parse(
        this.#machines.find(row.stateMachineArn)?.logging ?? '{"level":"OFF","includeExecutionData":false}',
      ),
      tracingConfiguration: JSON.parse(this.#machines.find(row.stateMachineArn)?.tracing ?? '{"enabled":false}'),
      revisionId: row.revision,
    };
  }

  list(stateMachineArn: string, status: string | undefined, limit: number, before: number | undefined): JsonObject {
    const machine = this.#machines.get(stateMachineArn);
    const rows = this.#engine.log.list(machine.arn, status, limit + 1, before ?? Number.MAX_SAFE_INTEGER);
    const page = rows.slice(0, limit);
    return {
      executions: page.map((row) => ({
        executionArn: row.arn,
        stateMachineArn: row.stateMachineArn,
        name: row.name,
        status: row.status,
        startDate: new Date(row.startedAtMs),
        ...(row.stoppedAtMs !== null && { stopDate: new Date(row.stoppedAtMs) }),
        redriveCount: row.redriveCount,
        ...(row.redrivenAtMs !== null && { redriveDate: new Date(row.redrivenAtMs) }),
      })),
      ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.key) }),
    };
  }
}

function checkInput(input: string): void {
  if (byteLength(input) > PAYLOAD_LIMIT_BYTES) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${PAYLOAD_LIMIT_BYTES}`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
}

const pageSize = (input: JsonObject): number => optionalInteger(input, 'maxResults', { least: 0, most: 1000 }) || 100;

export function executionOperations(executions: Executions): Operations {
  return {
    StartExecution(input) {
      takeOnly('StartExecution', input, ['stateMachineArn', 'name', 'input', 'traceHeader']);
      const row = executions.start(
        requiredText(input, 'stateMachineArn'),
        optionalText(input, 'input'),
        optionalText(input, 'name'),
        optionalText(input, 'traceHeader'),
      );
      return { executionArn: row.arn, startDate: new Date(row.startedAtMs) };
    },
    async StopExecution(input) {
      takeOnly('StopExecution', input, ['executionArn', 'error', 'cause']);
      const stoppedAtMs = await executions.stop(
        requiredText(input, 'executionArn'),
        optionalText(input, 'error'),
        optionalText(input, 'cause'),
      );
      return { stopDate: new Date(stoppedAtMs) };
    },
    async RedriveExecution(input) {
      takeOnly('RedriveExecution', input, ['executionArn', 'clientToken']);
      return { redriveDate: new Date(await executions.redrive(requiredText(input, 'executionArn'))) };
    },
    DescribeExecution(input) {
      takeOnly('DescribeExecution', input, ['executionArn', 'includedData']);
      return executions.describe(executions.get(requiredText(input, 'executionArn')));
    },
    DescribeStateMachineForExecution(input) {
      takeOnly('DescribeStateMachineForExecution', input, ['executionArn', 'includedData']);
      return executions.definitionOf(executions.get(requiredText(input, 'executionArn')));
    },
    ListExecutions(input) {
      takeOnly('ListExecutions', input, ['stateMachineArn', 'statusFilter', 'maxResults', 'nextToken']);
      const status =
        input.statusFilter === undefined ? undefined : optionalChoice(input, 'statusFilter', STATUSES, 'RUNNING');
      return executions.list(
        requiredText(input, 'stateMachineArn'),
        status,
        pageSize(input),
        readPageToken(input.nextToken),
      );
    },
    GetExecutionHistory(input) {
      takeOnly('GetExecutionHistory', input, [
        'executionArn',
        'maxResults',
        'reverseOrder',
        'nextToken',
        'includeExecutionData',
      ]);
      const row = executions.get(requiredText(input, 'executionArn'));
      const withData = input.includeExecutionData !== false;
      return executions.history(
        row,
        pageSize(input),
        readPageToken(input.nextToken),
        input.reverseOrder === true,
        withData,
      );
    },
  };
}
