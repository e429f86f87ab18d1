import type { ResourceHandler } from '../deploy/resource.ts';
import type { AccountContext, Background, OperationService, Services } from '../service.ts';
import { Store } from '../store/store.ts';
import { Activities, activityOperations } from './api/activities.ts';
import { aliasOperations } from './api/alias-operations.ts';
import { Aliases } from './api/aliases.ts';
import { definitionValidation } from './api/definition-validation.ts';
import { executionOperations } from './api/execution-operations.ts';
import { Executions } from './api/executions.ts';
import { ExpressExecutions, isExpressExecution } from './api/express-executions.ts';
import { MachineDeletion } from './api/machine-deletion.ts';
import { mapRunOperations } from './api/map-runs.ts';
import { addressedAccount, permitted } from './api/permitted.ts';
import { startExecution, startOperations } from './api/start-operations.ts';
import { startTargets } from './api/start-target.ts';
import { stateMachineOperations } from './api/state-machine-operations.ts';
import { StateMachines } from './api/state-machines.ts';
import { tagOperations } from './api/tags.ts';
import { taskTokenOperations } from './api/task-tokens.ts';
import { versionOperations } from './api/version-operations.ts';
import { Versions } from './api/versions.ts';
import { Engine, type EngineOptions } from './engine/engine.ts';
import { abortExecution } from './engine/redrive.ts';
import { ServiceTaskCaller } from './integrations/service-task-caller.ts';
import { rolePrincipal } from './integrations/task-principal.ts';
import { restObjectStorage } from './map-run/object-storage.ts';
import { stepFunctionsResources } from './resources.ts';
import { statusChangeEvent } from './status-event.ts';
import { testStateOperations } from './test-state/test-state.ts';

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
        engine.post(row, abortExecution()).catch((error: unknown) =>
          log('warn', 'a nested execution was not stopped; it is at the next start', {
            executionArn: arn,
            error: String(error),
          }),
        );
      },
    },
  });
  const machines = new StateMachines(context, caller);
  const versions = new Versions(context);
  const aliases = new Aliases(context, machines, versions);
  const deletion = new MachineDeletion(context, machines, versions, aliases, () => engine);
  const options: EngineOptions = {
    store,
    clock,
    ids,
    region,
    log,
    caller,
    storage: restObjectStorage((request, { roleArn, sessionName }) =>
      services.callRest('s3', request, rolePrincipal(roleArn, sessionName)),
    ),
    hasActivity: (arn) => activities.find(arn) !== undefined,
    onStatusChanged(execution) {
      const { arn, stateMachineArn } = execution.header;
      // AWS sends none for Express executions.
      if (!isExpressExecution(arn))
        services.emitServiceEvent(accountId, statusChangeEvent(execution, deletion.has(stateMachineArn)));
      deletion.onEnded(execution);
    },
    onCommitted(execution, entries) {
      activities.onCommitted(entries);
      deletion.onCommitted(execution, entries);
    },
  };
  const engine = new Engine(options);
  const inMemory = new Engine({
    ...options,
    store: new Store(':memory:'),
    onStatusChanged: () => {},
    onCommitted: () => {},
  });
  const isDeleting = (arn: string) => deletion.has(arn);
  const executions = new Executions({ context, engine, isDeleting });
  const express = new ExpressExecutions(context, { durable: engine, inMemory });
  const starts = { targetOf: startTargets(machines, versions, aliases), executions, express, clock };
  return {
    service: {
      name: 'states',
      operations: permitted(
        {
          ...stateMachineOperations(machines, versions, deletion),
          ...versionOperations(machines, versions, aliases),
          ...aliasOperations(machines, aliases),
          ...startOperations(starts),
          ...executionOperations({ executions, engine, machines, versions }),
          ...mapRunOperations(engine, clock),
          ...taskTokenOperations(engine),
          ...activityOperations(activities, engine),
          ...tagOperations(machines, activities),
          ...definitionValidation,
          ...testStateOperations({ clock, ids, region, accountId, caller }),
        },
        (token) => {
          const row = engine.log.token(token);
          return row && engine.log.byKey(row.executionKey).stateMachineArn;
        },
      ),
      addressedAccount,
    },
    resources: stepFunctionsResources({ machines, versions, aliases, activities, deletion }),
    background: {
      start() {
        engine.resume();
        express.resume();
        deletion.resume();
      },
      async stop() {
        engine.stop();
        inMemory.stop();
      },
    },
    startExecution: (stateMachineArn, input, name) => ({
      executionArn: startExecution(starts, stateMachineArn, { input, name }).arn,
    }),
    async settled() {
      await engine.settled();
      await inMemory.settled();
    },
  };
}
