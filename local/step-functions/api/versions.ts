import { AwsError } from '../../aws-error.ts';
import type { AccountContext } from '../../service.ts';
import type { StateMachineRow } from './state-machines.ts';

/** A revision of a machine as it was published: nothing changes it any more. */
export interface VersionRow {
  readonly key: number;
  readonly arn: string;
  readonly machineArn: string;
  readonly number: number;
  readonly description: string | null;
  readonly definition: string;
  readonly roleArn: string;
  readonly revisionId: string;
  readonly logging: string;
  readonly tracing: string;
  readonly createdAtMs: number;
}

const TABLES = `
CREATE TABLE IF NOT EXISTS sfn_version (
  key INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, machineArn TEXT NOT NULL, number INTEGER NOT NULL, description TEXT,
  definition TEXT NOT NULL, roleArn TEXT NOT NULL, revisionId TEXT NOT NULL, logging TEXT NOT NULL, tracing TEXT NOT NULL,
  createdAtMs INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS sfn_version_list ON sfn_version (machineArn, number);
CREATE TABLE IF NOT EXISTS sfn_last_version (machineArn TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
`;

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_VERSIONS = 1000;

/** The published versions of an account's state machines: 1, 2, 3 … of each, and a number that was deleted is not given again. */
export class Versions {
  readonly #context: AccountContext;

  constructor(context: AccountContext) {
    this.#context = context;
    context.store.define(TABLES);
  }

  find(arn: string): VersionRow | undefined {
    return this.#context.store.prepare('SELECT * FROM sfn_version WHERE arn = ?').get(arn) as unknown as
      | VersionRow
      | undefined;
  }

  /** The version of the machine's current revision: the one there is, or a new one. Throws ServiceQuotaExceededException. */
  publish(machine: StateMachineRow, description: string | undefined): VersionRow {
    const { store, clock } = this.#context;
    return store.transaction(() => {
      const published = store
        .prepare('SELECT * FROM sfn_version WHERE machineArn = ? AND revisionId = ? ORDER BY number DESC')
        .get(machine.arn, machine.revisionId) as unknown as VersionRow | undefined;
      if (published) return published;
      const { count } = store
        .prepare('SELECT count(*) AS count FROM sfn_version WHERE machineArn = ?')
        .get(machine.arn) as { count: number };
      if (count >= MOST_VERSIONS) {
        throw new AwsError(
          'ServiceQuotaExceededException',
          `A state machine can have at most ${MOST_VERSIONS} published versions. Delete some with DeleteStateMachineVersion.`,
        );
      }
      const { number } = store
        .prepare(
          'INSERT INTO sfn_last_version VALUES (?, 1) ON CONFLICT (machineArn) DO UPDATE SET number = number + 1 RETURNING number',
        )
        .get(machine.arn) as { number: number };
      const arn = `${machine.arn}:${number}`;
      store
        .prepare(
          'INSERT INTO sfn_version (arn, machineArn, number, description, definition, roleArn, revisionId, logging, tracing, createdAtMs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          arn,
          machine.arn,
          number,
          description ?? null,
          machine.definition,
          machine.roleArn,
          machine.revisionId,
          machine.logging,
          machine.tracing,
          clock.now(),
        );
      return this.find(arn)!;
    });
  }

  /** The newest first. */
  list(machineArn: string, limit: number, beforeNumber: number): VersionRow[] {
    return this.#context.store
      .prepare('SELECT * FROM sfn_version WHERE machineArn = ? AND number < ? ORDER BY number DESC LIMIT ?')
      .all(machineArn, beforeNumber, limit) as unknown as VersionRow[];
  }

  delete(arn: string): void {
    this.#context.store.transaction(() =>
      this.#context.store.prepare('DELETE FROM sfn_version WHERE arn = ?').run(arn),
    );
  }

  deleteAll(machineArn: string): void {
    this.#context.store.transaction(() => {
      for (const table of ['sfn_version', 'sfn_last_version'])
        this.#context.store.prepare(`DELETE FROM ${table} WHERE machineArn = ?`).run(machineArn);
    });
  }
}
