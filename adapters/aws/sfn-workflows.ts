import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandOutput,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { InputInvalid, WorkflowUnavailable } from '../../domain/errors.ts';
import type { HistoryEvent, Machine, Workflows } from '../../domain/ports/workflows.ts';
import { isTransient } from './is-transient.ts';

/** AWS takes 256 KiB, and counts the error's name as well. */
const LONGEST_CAUSE = 32_000;

/** The Workflows port on Step Functions. `machines` gives the ARNs of those that this function may start. */
export function createSfnWorkflows(client: SFNClient, machines: Partial<Record<Machine, string>> = {}): Workflows {
  const failed = (error: unknown): never => {
    if (isTransient(error)) throw new WorkflowUnavailable(String(error), { cause: error });
    throw error;
  };
  /** The names that the service gives to a token that nobody waits for. */
  const answered = (error: unknown): boolean => {
    if (['TaskTimedOut', 'TaskDoesNotExist'].includes((error as Error).name)) return false;
    return failed(error);
  };

  return {
    async start(machine, runId, input) {
      const stateMachineArn = machines[machine];
      if (!stateMachineArn) throw new TypeError(`this function was not given the ARN of ${machine}`);
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name: runId, input: JSON.stringify(input) }));
        return 'started';
      } catch (error) {
        if ((error as Error).name !== 'ExecutionAlreadyExists') return failed(error);
        // AWS answers so for a name that is taken, by this input (after the run has ended) or by another one.

        const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${runId}`;
        const there = await client.send(new DescribeExecutionCommand({ executionArn })).catch(failed);
        if (there.input !== JSON.stringify(input)) {
          throw new InputInvalid(
            `a run named ${runId} was started with another input: ids that follow from content must not collide`,
            {
              cause: error,
            },
          );
        }
        return 'already-started';
      }
    },
    async succeedTask(taskToken, output) {
      return client
        .send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))
        .then(() => true, answered);
    },
    async failTask(taskToken, error, cause) {
      return client
        .send(new SendTaskFailureCommand({ taskToken, error, cause: cause.slice(0, LONGEST_CAUSE) }))
        .then(() => true, answered);
    },
    async history(executionArn) {
      const events: HistoryEvent[] = [];
      let nextToken: string | undefined;
      do {
        const page: GetExecutionHistoryCommandOutput = await client
          .send(
            new GetExecutionHistoryCommand({
              executionArn,
              maxResults: 1000,
              includeExecutionData: true,
              ...(nextToken && { nextToken }),
            }),
          )
          .catch(failed);
        for (const event of page.events ?? []) {
          const failure =
            event.taskFailedEventDetails ??
            event.taskTimedOutEventDetails ??
            event.taskSubmitFailedEventDetails ??
            event.taskStartFailedEventDetails;
          events.push({
            id: event.id ?? 0,
            previousEventId: event.previousEventId ?? 0,
            type: event.type ?? '',
            stateName: event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name ?? null,
            error: failure?.error ?? null,
            resourceType: event.taskScheduledEventDetails?.resourceType ?? null,
          });
        }
        nextToken = page.nextToken;
      } while (nextToken);
      return events;
    },
  };
}
