import { AwsError } from '../../aws-error.ts';
import type { AccountContext } from '../../service.ts';
import type { Mapping, MappingSettings } from './mapping.ts';

/** A mapping and how far it has come. */
export interface MappingState {
  readonly mapping: Mapping;
  /** Everything up to this sequence number is done; undefined: nothing yet. */
  readonly position: string | undefined;
  readonly modifiedAtMs: number;
}

/** One account's event source mappings. */
export class Mappings {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS lambda_mappings (
        uuid TEXT PRIMARY KEY, mapping TEXT NOT NULL, position TEXT, modified_at_ms INTEGER NOT NULL) STRICT;
    `);
  }

  create(target: Pick<Mapping, 'functionName' | 'qualifier'>, settings: MappingSettings, position?: string): Mapping {
    const mapping: Mapping = { ...settings, ...target, uuid: this.#ctx.ids.uuid() };
    this.#ctx.store
      .prepare('INSERT INTO lambda_mappings VALUES (?, ?, ?, ?)')
      .run(mapping.uuid, JSON.stringify(mapping), position ?? null, this.#ctx.clock.now());
    return mapping;
  }

  /** New settings; the position stays. */
  update(mapping: Mapping): void {
    this.#ctx.store
      .prepare('UPDATE lambda_mappings SET mapping = ?, modified_at_ms = ? WHERE uuid = ?')
      .run(JSON.stringify(mapping), this.#ctx.clock.now(), mapping.uuid);
  }

  find(uuid: string): MappingState | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM lambda_mappings WHERE uuid = ?').get(uuid);
    return row && toState(row);
  }

  /** Throws ResourceNotFoundException (404). */
  require(uuid: string): MappingState {
    const state = this.find(uuid);
    if (state) return state;
    throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404, {
      Type: 'User',
    });
  }

  list(): readonly MappingState[] {
    return this.#ctx.store.prepare('SELECT * FROM lambda_mappings ORDER BY rowid').all().map(toState);
  }

  moveTo(uuid: string, position: string): void {
    this.#ctx.store.prepare('UPDATE lambda_mappings SET position = ? WHERE uuid = ?').run(position, uuid);
  }

  delete(uuid: string): void {
    this.#ctx.store.prepare('DELETE FROM lambda_mappings WHERE uuid = ?').run(uuid);
  }
}

const toState = (row: Record<string, unknown>): MappingState => ({
  mapping: JSON.parse(row.mapping as string) as Mapping,
  position: (row.position as string | null) ?? undefined,
  modifiedAtMs: row.modified_at_ms as number,
});
