import { formatArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';
import { requireOwnRole } from '../../iam/pass-role.ts';
import { requireLogDelivery } from '../../logs/delivery-access.ts';
import type { AccountContext } from '../../service.ts';
import type { TaskCaller } from '../engine/task-caller.ts';
import { checkDefinition, type MachineType } from './check-definition.ts';
import { type Configuration, configurationText, tellWithoutEffect } from './configuration.ts';
import { checkName, readMachineArn } from './names.ts';
import { checkTagCount, readStoredTags, type Tag } from './tag-list.ts';

export interface StateMachineRow {
  readonly key: number;
  readonly arn: string;
  readonly name: string;
  readonly type: MachineType;
  readonly status: 'ACTIVE' | 'DELETING';
  readonly definition: string;
  readonly roleArn: string;
  /** `INITIAL` until the first update. */
  readonly revisionId: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly logging: string;
  readonly tracing: string;
  readonly tags: string;
  /** What CreateStateMachine was asked to publish: the same request again is the same machine. */
  readonly createdAs: string;
}

const TABLE = `
CREATE TABLE IF NOT EXISTS sfn_state_machine (
  key INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, type TEXT NOT NULL, definition TEXT NOT NULL, roleArn TEXT NOT NULL,
  revisionId TEXT NOT NULL, createdAtMs INTEGER NOT NULL, updatedAtMs INTEGER NOT NULL, logging TEXT NOT NULL, tracing TEXT NOT NULL, tags TEXT NOT NULL);
`;
const LATER_COLUMNS = ["status TEXT NOT NULL DEFAULT 'ACTIVE'", "createdAs TEXT NOT NULL DEFAULT '{}'"];

export const INITIAL_REVISION = 'INITIAL';
/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_MACHINES = 10_000;

/** What a new machine is made from, checked but for its definition. */
export interface NewStateMachine extends Configuration {
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly type: MachineType;
  readonly tags: readonly Tag[];
  readonly publish?: { readonly description: string | null } | undefined;
}

export type StateMachineChange = Partial<Pick<NewStateMachine, 'definition' | 'roleArn' | 'logging' | 'tracing'>>;

/** The state machines of one account. */
export class StateMachines {
  readonly #context: AccountContext;
  readonly #caller: Pick<TaskCaller, 'supports'>;

  constructor(context: AccountContext, caller: Pick<TaskCaller, 'supports'>) {
    this.#context = context;
    this.#caller = caller;
    context.store.define(TABLE);
    for (const column of LATER_COLUMNS) context.store.addColumn('sfn_state_machine', column);
  }

  arnOf(name: string): string {
    return formatArn('states', this.#context.region, this.#context.accountId, `stateMachine:${name}`);
  }

  find(arn: string): StateMachineRow | undefined {
    return this.#context.store.prepare('SELECT * FROM sfn_state_machine WHERE arn = ?').get(arn) as unknown as
      | StateMachineRow
      | undefined;
  }

  /** By its own ARN. Throws StateMachineDoesNotExist, for the ARN of a version or an alias too. */
  get(arn: string): StateMachineRow {
    readMachineArn(arn);
    const row = this.find(arn);
    if (!row) throw doesNotExist(arn);
    return row;
  }

  /** One that is not being deleted. Throws StateMachineDeleting besides. */
  getActive(arn: string): StateMachineRow {
    return active(this.get(arn));
  }

  /** Makes it; the same again is the same, another under its name is refused. A role or tags that differ are no difference to AWS. */
  create(input: NewStateMachine): { readonly row: StateMachineRow; readonly made: boolean } {
    checkName(input.name);
    requireOwnRole(input.roleArn, this.#context.accountId);
    checkDefinition(input.definition, input.type, this.#caller);
    const arn = this.arnOf(input.name);
    if (input.logging.level !== 'OFF') requireLogDelivery(this.#context, input.roleArn, arn);
    checkTagCount(input.tags, arn);
    const createdAs = JSON.stringify(input.publish ?? {});
    const { store, clock } = this.#context;
    return store.transaction(() => {
      const existing = this.find(arn);
      if (existing) {
        active(existing);
        const same =
          existing.definition === input.definition &&
          existing.type === input.type &&
          existing.createdAs === createdAs &&
          `[${existing.logging},${existing.tracing}]` === configurationText(input);
        if (!same) throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
        return { row: existing, made: false };
      }
      const { count } = store.prepare('SELECT count(*) AS count FROM sfn_state_machine').get() as { count: number };
      if (count >= MOST_MACHINES) {
        throw new AwsError('StateMachineLimitExceeded', `Reached the maximum state machine count of ${MOST_MACHINES}`);
      }
      const nowMs = clock.now();
      store
        .prepare(
          'INSERT INTO sfn_state_machine (arn, name, type, definition, roleArn, revisionId, createdAtMs, updatedAtMs, logging, tracing, tags, createdAs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          arn,
          input.name,
          input.type,
          input.definition,
          input.roleArn,
          INITIAL_REVISION,
          nowMs,
          nowMs,
          JSON.stringify(input.logging),
          JSON.stringify(input.tracing),
          JSON.stringify(input.tags),
          createdAs,
        );
      tellWithoutEffect(input, arn, this.#context.log);
      return { row: this.find(arn)!, made: true };
    });
  }

  /** Executions that are under way keep the definition they began with. What changes nothing makes no revision. */
  update(arn: string, change: StateMachineChange): StateMachineRow {
    const row = this.getActive(arn);
    if (change.roleArn !== undefined) requireOwnRole(change.roleArn, this.#context.accountId);
    if (change.definition !== undefined) checkDefinition(change.definition, row.type, this.#caller);
    const { definition = row.definition, roleArn = row.roleArn } = change;
    const logging = change.logging ? JSON.stringify(change.logging) : row.logging;
    if (JSON.parse(logging).level !== 'OFF') requireLogDelivery(this.#context, roleArn, arn);
    const tracing = change.tracing ? JSON.stringify(change.tracing) : row.tracing;
    const same =
      definition === row.definition && roleArn === row.roleArn && logging === row.logging && tracing === row.tracing;
    const { store, clock, ids, log } = this.#context;
    store.transaction(() =>
      store
        .prepare(
          'UPDATE sfn_state_machine SET definition = ?, roleArn = ?, revisionId = ?, updatedAtMs = ?, logging = ?, tracing = ? WHERE arn = ?',
        )
        .run(definition, roleArn, same ? row.revisionId : ids.uuid(), clock.now(), logging, tracing, arn),
    );
    if (!same) tellWithoutEffect({ logging: JSON.parse(logging), tracing: JSON.parse(tracing) }, arn, log);
    return this.get(arn);
  }

  setTags(arn: string, tags: readonly Tag[]): void {
    checkTagCount(tags, arn);
    this.#context.store.transaction(() =>
      this.#context.store.prepare('UPDATE sfn_state_machine SET tags = ? WHERE arn = ?').run(JSON.stringify(tags), arn),
    );
  }

  tagsOf(arn: string): Tag[] | undefined {
    const row = this.find(arn);
    return row && readStoredTags(row.tags);
  }

  /** Nothing can be started any more; `remove` ends it. */
  markDeleting(arn: string): void {
    this.#context.store.transaction(() =>
      this.#context.store.prepare("UPDATE sfn_state_machine SET status = 'DELETING' WHERE arn = ?").run(arn),
    );
  }

  remove(arn: string): void {
    this.#context.store.transaction(() =>
      this.#context.store.prepare('DELETE FROM sfn_state_machine WHERE arn = ?').run(arn),
    );
  }

  deleting(): string[] {
    return this.#context.store
      .prepare("SELECT arn FROM sfn_state_machine WHERE status = 'DELETING'")
      .all()
      .map(({ arn }) => arn as string);
  }

  /** By name, as AWS lists them. */
  list(limit: number, afterName: string): StateMachineRow[] {
    return this.#context.store
      .prepare('SELECT * FROM sfn_state_machine WHERE name > ? ORDER BY name LIMIT ?')
      .all(afterName, limit) as unknown as StateMachineRow[];
  }
}

export const doesNotExist = (arn: string): AwsError =>
  new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

export function active(row: StateMachineRow): StateMachineRow {
  if (row.status === 'DELETING')
    throw new AwsError('StateMachineDeleting', `State Machine is being deleted: '${row.arn}'`);
  return row;
}
