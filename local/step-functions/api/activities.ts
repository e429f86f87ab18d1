import { formatArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';
import { optionalInteger, optionalText, requiredText, takeOnly } from '../../operation-input.ts';
import type { AccountContext, JsonObject, Operations } from '../../service.ts';
import { whilePending } from '../engine/actor.ts';
import type { Engine } from '../engine/engine.ts';
import { taskEnd } from '../engine/task-events.ts';
import type { Entry } from '../interpreter/entry.ts';
import { checkArn, checkName, pageToken, readPageToken } from './names.ts';

interface ActivityRow {
  readonly key: number;
  readonly arn: string;
  readonly name: string;
  readonly createdAtMs: number;
}

/** How long GetActivityTask waits for a task before it answers with none. */
const LONG_POLL_MS = 60_000;

/** The activities of one account, and the workers that wait for their tasks. */
export class Activities {
  readonly #context: AccountContext;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(context: AccountContext) {
    this.#context = context;
    context.store.define(
      'CREATE TABLE IF NOT EXISTS sfn_activity (key INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, createdAtMs INTEGER NOT NULL);',
    );
  }

  find(arn: string): ActivityRow | undefined {
    return this.#context.store.prepare('SELECT * FROM sfn_activity WHERE arn = ?').get(arn) as unknown as
      | ActivityRow
      | undefined;
  }

  get(arn: string): ActivityRow {
    checkArn(arn, 'activity');
    const row = this.find(arn);
    if (!row) throw new AwsError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`);
    return row;
  }

  create(name: string): ActivityRow {
    checkName(name);
    const arn = formatArn('states', this.#context.region, this.#context.accountId, `activity:${name}`);
    return this.#context.store.transaction(() => {
      this.#context.store
        .prepare('INSERT OR IGNORE INTO sfn_activity (arn, name, createdAtMs) VALUES (?, ?, ?)')
        .run(arn, name, this.#context.clock.now());
      return this.find(arn)!;
    });
  }

  delete(arn: string): void {
    checkArn(arn, 'activity');
    this.#context.store.transaction(() =>
      this.#context.store.prepare('DELETE FROM sfn_activity WHERE arn = ?').run(arn),
    );
  }

  list(limit: number, after: number): ActivityRow[] {
    return this.#context.store
      .prepare('SELECT * FROM sfn_activity WHERE key > ? ORDER BY key LIMIT ?')
      .all(after, limit) as unknown as ActivityRow[];
  }

  /** Wakes the workers that wait for what was just scheduled. */
  onCommitted(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.type !== 'ActivityScheduled') continue;
      for (const wake of this.#waiting.get(String(entry.details?.resource)) ?? []) wake();
    }
  }

  /** Hands the oldest task that nobody has taken to the worker; undefined when none came within a minute. */
  async take(
    arn: string,
    workerName: string | undefined,
    engine: Engine,
  ): Promise<{ token: string; input: string } | undefined> {
    const untilMs = this.#context.clock.now() + LONG_POLL_MS;
    for (;;) {
      for (const { row, execution } of engine.open()) {
        for (const frame of execution.frames.values()) {
          const task = frame.phase === 'pending' ? frame.state!.task! : undefined;
          if (task?.kind !== 'Activity' || task.resource !== arn || task.started) continue;
          const start = whilePending(frame.id, task.scheduledSeq, (one) =>
            one.state!.task!.started ? undefined : taskEnd.started(one, workerName),
          );
          if (await engine.post(row, start)) return { token: task.token!, input: JSON.stringify(task.input) };
        }
      }
      if (!(await this.#scheduled(arn, untilMs))) return undefined;
    }
  }

  #scheduled(arn: string, untilMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(arn) ?? new Set();
      this.#waiting.set(arn, waiting);
      const finish = (scheduled: boolean) => {
        waiting.delete(wake);
        cancel();
        resolve(scheduled);
      };
      const wake = () => finish(true);
      const cancel = this.#context.clock.at(untilMs, () => finish(false));
      waiting.add(wake);
    });
  }
}

const shown = (row: ActivityRow): JsonObject => ({
  activityArn: row.arn,
  name: row.name,
  creationDate: new Date(row.createdAtMs),
});

export function activityOperations(activities: Activities, engine: Engine): Operations {
  return {
    CreateActivity(input) {
      takeOnly('CreateActivity', input, ['name', 'tags']);
      const row = activities.create(requiredText(input, 'name'));
      return { activityArn: row.arn, creationDate: new Date(row.createdAtMs) };
    },
    DeleteActivity(input) {
      takeOnly('DeleteActivity', input, ['activityArn']);
      activities.delete(requiredText(input, 'activityArn'));
      return {};
    },
    DescribeActivity(input) {
      takeOnly('DescribeActivity', input, ['activityArn']);
      return shown(activities.get(requiredText(input, 'activityArn')));
    },
    ListActivities(input) {
      takeOnly('ListActivities', input, ['maxResults', 'nextToken']);
      const limit = optionalInteger(input, 'maxResults', { least: 0, most: 1000 }) || 100;
      const rows = activities.list(limit + 1, readPageToken(input.nextToken) ?? 0);
      const page = rows.slice(0, limit);
      return { activities: page.map(shown), ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.key) }) };
    },
    async GetActivityTask(input) {
      takeOnly('GetActivityTask', input, ['activityArn', 'workerName']);
      const { arn } = activities.get(requiredText(input, 'activityArn'));
      const task = await activities.take(arn, optionalText(input, 'workerName'), engine);
      return task ? { taskToken: task.token, input: task.input } : {};
    },
  };
}
