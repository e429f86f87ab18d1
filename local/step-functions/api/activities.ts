import { formatArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';
import type { AccountContext, JsonObject, Operations } from '../../service.ts';
import { whilePending } from '../engine/actor.ts';
import type { Engine } from '../engine/engine.ts';
import { taskEnd } from '../engine/task-events.ts';
import type { Entry } from '../interpreter/entry.ts';
import { refuseOwnKey } from './configuration.ts';
import { readInput, required } from './input.ts';
import { checkArn, checkName, pageToken, readPageToken } from './names.ts';
import {
  arn as arnMember,
  encryptionConfiguration,
  name as nameMember,
  pageMembers,
  pageSize,
  tags as tagsMember,
} from './shapes.ts';
import { checkTagCount, mergeTags, readStoredTags, type Tag } from './tag-list.ts';

interface ActivityRow {
  readonly key: number;
  readonly arn: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly tags: string;
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
    context.store.addColumn('sfn_activity', "tags TEXT NOT NULL DEFAULT '[]'");
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

  /** The same name again is the same activity; tags that differ are no difference to AWS. Throws InvalidName, TooManyTags. */
  create(name: string, tags: readonly Tag[] = []): ActivityRow {
    checkName(name);
    const arn = formatArn('states', this.#context.region, this.#context.accountId, `activity:${name}`);
    checkTagCount(tags, arn);
    return this.#context.store.transaction(() => {
      this.#context.store
        .prepare('INSERT OR IGNORE INTO sfn_activity (arn, name, createdAtMs, tags) VALUES (?, ?, ?, ?)')
        .run(arn, name, this.#context.clock.now(), JSON.stringify(tags));
      return this.find(arn)!;
    });
  }

  tagsOf(arn: string): Tag[] | undefined {
    const row = this.find(arn);
    return row && readStoredTags(row.tags);
  }

  setTags(arn: string, tags: readonly Tag[]): void {
    checkTagCount(tags, arn);
    this.#context.store.transaction(() =>
      this.#context.store.prepare('UPDATE sfn_activity SET tags = ? WHERE arn = ?').run(JSON.stringify(tags), arn),
    );
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

const CREATE = { name: required(nameMember), tags: tagsMember, encryptionConfiguration };
const NAMED = { activityArn: required(arnMember) };
const TAKE = { activityArn: required(arnMember), workerName: nameMember };

export function activityOperations(activities: Activities, engine: Engine): Operations {
  return {
    CreateActivity(input) {
      const given = readInput('CreateActivity', CREATE, input);
      refuseOwnKey(given.encryptionConfiguration);
      const row = activities.create(given.name, mergeTags([], given.tags ?? []));
      return { activityArn: row.arn, creationDate: new Date(row.createdAtMs) };
    },
    DeleteActivity(input) {
      activities.delete(readInput('DeleteActivity', NAMED, input).activityArn);
      return {};
    },
    DescribeActivity(input) {
      const row = activities.get(readInput('DescribeActivity', NAMED, input).activityArn);
      return { ...shown(row), encryptionConfiguration: { type: 'AWS_OWNED_KEY' } };
    },
    ListActivities(input) {
      const given = readInput('ListActivities', pageMembers, input);
      const limit = pageSize(given.maxResults);
      const rows = activities.list(limit + 1, readPageToken(given.nextToken) ?? 0);
      const page = rows.slice(0, limit);
      return { activities: page.map(shown), ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.key) }) };
    },
    async GetActivityTask(input) {
      const given = readInput('GetActivityTask', TAKE, input);
      const { arn } = activities.get(given.activityArn);
      const task = await activities.take(arn, given.workerName, engine);
      return task ? { taskToken: task.token, input: task.input } : {};
    },
  };
}
