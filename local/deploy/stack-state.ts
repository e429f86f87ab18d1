import type { JsonObject } from '../service.ts';
import type { Store } from '../store/store.ts';
import type { DeletionPolicy } from './template.ts';

/** A resource as the last deployment left it. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: JsonObject;
  /** Digest of type, properties and artifacts: equal means that there is nothing to do. */
  readonly fingerprint: string;
  readonly deletionPolicy: DeletionPolicy;
  /** Where it came in the order of making; deletion goes backwards. */
  readonly position: number;
}

/** Something that a deployment replaced and that is still to be deleted. */
export interface Leftover {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

/** What is known of the stacks of one account, kept in its store after each resource: a deployment that was cut off goes on from here. */
export class StackState {
  readonly #store: Store;
  readonly #stackName: string;

  constructor(store: Store, stackName: string) {
    this.#store = store;
    this.#stackName = stackName;
    store.define(`
      CREATE TABLE IF NOT EXISTS deploy_resources (
        stack TEXT NOT NULL, logical_id TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (stack, logical_id)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS deploy_leftovers (
        stack TEXT NOT NULL, logical_id TEXT NOT NULL, type TEXT NOT NULL, physical_id TEXT NOT NULL,
        PRIMARY KEY (stack, type, physical_id)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS deploy_outputs (
        stack TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (stack, name)
      ) STRICT;
    `);
  }

  resources(): ReadonlyMap<string, StackResource> {
    const rows = this.#store.prepare('SELECT record FROM deploy_resources WHERE stack = ?').all(this.#stackName);
    const records = rows.map((row) => JSON.parse(String(row.record)) as StackResource);
    return new Map(records.map((record) => [record.logicalId, record]));
  }

  /** `replaced` is what the resource was before, when it is now another thing and the old one is to go. */
  record(resource: StackResource, replaced?: Leftover): void {
    this.#store.transaction(() => {
      this.#store
        .prepare('INSERT OR REPLACE INTO deploy_resources (stack, logical_id, record) VALUES (?, ?, ?)')
        .run(this.#stackName, resource.logicalId, JSON.stringify(resource));
      if (replaced) {
        this.#store
          .prepare('INSERT OR IGNORE INTO deploy_leftovers (stack, logical_id, type, physical_id) VALUES (?, ?, ?, ?)')
          .run(this.#stackName, replaced.logicalId, replaced.type, replaced.physicalId);
      }
    });
  }

  forget(logicalId: string): void {
    this.#store
      .prepare('DELETE FROM deploy_resources WHERE stack = ? AND logical_id = ?')
      .run(this.#stackName, logicalId);
  }

  leftovers(): readonly Leftover[] {
    const rows = this.#store
      .prepare('SELECT logical_id, type, physical_id FROM deploy_leftovers WHERE stack = ? ORDER BY rowid')
      .all(this.#stackName);
    return rows.map((row) => ({
      logicalId: String(row.logical_id),
      type: String(row.type),
      physicalId: String(row.physical_id),
    }));
  }

  forgetLeftover({ type, physicalId }: Leftover): void {
    this.#store
      .prepare('DELETE FROM deploy_leftovers WHERE stack = ? AND type = ? AND physical_id = ?')
      .run(this.#stackName, type, physicalId);
  }

  outputs(): Readonly<Record<string, string>> {
    const rows = this.#store
      .prepare('SELECT name, value FROM deploy_outputs WHERE stack = ? ORDER BY name')
      .all(this.#stackName);
    return Object.fromEntries(rows.map((row) => [String(row.name), String(row.value)]));
  }

  setOutputs(outputs: Readonly<Record<string, string>>): void {
    this.#store.transaction(() => {
      this.#store.prepare('DELETE FROM deploy_outputs WHERE stack = ?').run(this.#stackName);
      const insert = this.#store.prepare('INSERT INTO deploy_outputs (stack, name, value) VALUES (?, ?, ?)');
      for (const [name, value] of Object.entries(outputs)) insert.run(this.#stackName, name, value);
    });
  }
}
