import type { ResourceHandler } from '../deploy/resource.ts';
import type { AccountContext, Background, OperationService, Services } from '../service.ts';
import { Activities, activityOperations } from './api/activities.ts';
import { Executions, executionOperations } from './api/executions.ts';
import { refusedOperations } from './api/refused-operations.ts';
import { StateMachines, stateMachineOperations } from './api/state-machines.ts';
import { taskTokenOperations } from './api/task-tokens.ts';
import { Engine } from './engine/engine.ts';
import { ServiceTaskCaller } from './integrations/service-task-caller.ts';
import { ROOT } from './interpreter/execution.ts';
import { stepFunctionsResources } from './resources.ts';
import { statusChangeEvent } from './status-event.ts';

export interface StepFunctions {
  readonly service: OperationService;
  readonly resources: ResourceHandler[];
  readonly background: Background;
  /** Starts an execution from inside the process: it is on disk when this returns. Throws AwsError as StartExecution answers. */
  startExecution(stateMachineArn: string, input: string, name?: string): { readonly executionArn: string };
  /** Resolves when nothing is left to decide or to write (tasks may be in flight). For tests. */
  settled(): Promise<void>;
}

/**
 * The Step Functions of one account. An execution's history is its log, and the log is the only truth: `background.start()` takes
 * up every open execution from it. A task that was in flight when the process ended is called again, as the same attempt: the worker
 * died with the process, so nobody else will answer, and a state machine without Retry must not fail for a restart. A function
 * may therefore run twice for one attempt (Lambda's own promise is no better), with the same context object and task token.
 */
export function createStepFunctions(context: AccountContext, services: Services): StepFunctions {
  const { accountId, region, store, clock, ids, log } = context;
  const activities = new Activities(context);
  const caller = new ServiceTaskCaller({
    services,
    ids,
    clock,
    region,
    accountId,
    nested: {
      find: (arn) => engine.log.byArn(arn),
      expect: (arn, parent) => executions.expect(arn, parent),
      whenEnded: (arn, listener) => engine.whenEnded(arn, listener),
      stop(arn) {
        const row = engine.log.byArn(arn);
        if (!row) return;
        engine
          .post(row, (execution) =>
            execution.status === 'RUNNING'
              ? [{ frame: ROOT, type: 'ExecutionAborted', details: {}, previousEventId: 0 }]
              : undefined,
          )
          .catch((error: unknown) =>
            log('warn', 'a nested execution was not stopped; it is at the next start', {
              executionArn: arn,
              error: String(error),
            }),
          );
      },
    },
  });
  const machines = new StateMachines(context, caller);
  const engine: Engine = new Engine({
    store,
    clock,
    ids,
    region,
    log,
    caller,
    hasActivity: (arn) => activities.find(arn) !== undefined,
    onStatusChanged: (execution) => services.emitServiceEvent(accountId, statusChangeEvent(execution)),
    onCommitted: (_execution, entries) => activities.onCommitted(entries),
  });
  const executions: Executions = new Executions(context, engine, machines);
  return {
    service: {
      name: 'states',
      operations: {
        ...refusedOperations,
        ...stateMachineOperations(machines),
        ...executionOperations(executions),
        ...taskTokenOperations(engine),
        ...activityOperations(activities, engine),
      },
    },
    resources: stepFunctionsResources(machines, activities),
    background: {
      start: () => engine.resume(),
      stop: async () => engine.stop(),
    },
    startExecution: (stateMachineArn, input, name) => ({
      executionArn: executions.start(stateMachineArn, input, name).arn,
    }),
    settled: () => engine.settled(),
  };
}
