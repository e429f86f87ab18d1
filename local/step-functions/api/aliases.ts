import { AwsError } from '../../aws-error.ts';
import type { AccountContext } from '../../service.ts';
import { readMachineArn } from './names.ts';
import { active, doesNotExist, type StateMachines } from './state-machines.ts';
import type { Versions } from './versions.ts';

export interface Route {
  readonly stateMachineVersionArn: string;
  readonly weight: number;
}

interface AliasRow {
  readonly key: number;
  readonly arn: string;
  readonly machineArn: string;
  readonly name: string;
  readonly description: string | null;
  readonly routing: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface Alias extends Omit<AliasRow, 'routing'> {
  readonly routing: readonly Route[];
}

const TABLE = `
CREATE TABLE IF NOT EXISTS sfn_alias (
  key INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, machineArn TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
  routing TEXT NOT NULL, createdAtMs INTEGER NOT NULL, updatedAtMs INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS sfn_alias_list ON sfn_alias (machineArn, key);
`;

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_ALIASES = 100;

/** Names for one or two versions of a state machine, and how starts are spread over them. */
export class Aliases {
  readonly #context: AccountContext;
  readonly #machines: StateMachines;
  readonly #versions: Versions;

  constructor(context: AccountContext, machines: StateMachines, versions: Versions) {
    this.#context = context;
    this.#machines = machines;
    this.#versions = versions;
    context.store.define(TABLE);
  }

  find(arn: string): Alias | undefined {
    const row = this.#context.store.prepare('SELECT * FROM sfn_alias WHERE arn = ?').get(arn);
    return row && readRow(row as unknown as AliasRow);
  }

  /** Throws InvalidArn, ResourceNotFound. */
  get(arn: string): Alias {
    const reference = readMachineArn(arn);
    const alias = this.find(arn);
    if (reference.alias === undefined || !alias) throw notFound(arn);
    return alias;
  }

  /** Makes it; the same again is the same, another under its name is refused. */
  create(name: string, description: string | undefined, routing: readonly Route[]): Alias {
    const machineArn = this.#checkRouting(routing);
    const arn = `${machineArn}:${name}`;
    const { store, clock } = this.#context;
    return store.transaction(() => {
      const existing = this.find(arn);
      if (existing) {
        const same =
          (existing.description ?? undefined) === description &&
          JSON.stringify(existing.routing) === JSON.stringify(routing);
        if (same) return existing;
        throw new AwsError(
          'ConflictException',
          'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
        );
      }
      if (this.list(machineArn, MOST_ALIASES, 0).length >= MOST_ALIASES) {
        throw new AwsError(
          'ServiceQuotaExceededException',
          `A state machine can have at most ${MOST_ALIASES} aliases. Delete some with DeleteStateMachineAlias.`,
        );
      }
      const nowMs = clock.now();
      store
        .prepare(
          'INSERT INTO sfn_alias (arn, machineArn, name, description, routing, createdAtMs, updatedAtMs) VALUES (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(arn, machineArn, name, description ?? null, JSON.stringify(routing), nowMs, nowMs);
      return this.find(arn)!;
    });
  }

  update(arn: string, description: string | undefined, routing: readonly Route[] | undefined): Alias {
    const alias = this.get(arn);
    const machineArn = routing && this.#checkRouting(routing);
    if (machineArn !== undefined && machineArn !== alias.machineArn) {
      throw new AwsError('ValidationException', `Routing configuration must contain versions of ${alias.machineArn}.`);
    }
    const { store, clock } = this.#context;
    store.transaction(() =>
      store
        .prepare('UPDATE sfn_alias SET description = ?, routing = ?, updatedAtMs = ? WHERE arn = ?')
        .run(description ?? alias.description, JSON.stringify(routing ?? alias.routing), clock.now(), arn),
    );
    return this.get(arn);
  }

  delete(arn: string): void {
    this.#context.store.transaction(() => this.#context.store.prepare('DELETE FROM sfn_alias WHERE arn = ?').run(arn));
  }

  deleteAll(machineArn: string): void {
    this.#context.store.transaction(() =>
      this.#context.store.prepare('DELETE FROM sfn_alias WHERE machineArn = ?').run(machineArn),
    );
  }

  list(machineArn: string, limit: number, afterKey: number): Alias[] {
    return this.#context.store
      .prepare('SELECT * FROM sfn_alias WHERE machineArn = ? AND key > ? ORDER BY key LIMIT ?')
      .all(machineArn, afterKey, limit)
      .map((row) => readRow(row as unknown as AliasRow));
  }

  /** The aliases that lead to a version. */
  of(versionArn: string): Alias[] {
    const { arn } = readMachineArn(versionArn);
    return this.list(arn, MOST_ALIASES, 0).filter(({ routing }) =>
      routing.some((route) => route.stateMachineVersionArn === versionArn),
    );
  }

  /** The version that one start through the alias runs. */
  choose({ routing }: Alias): string {
    const drawn = this.#context.ids.random() * 100;
    const [first, second] = routing;
    return drawn < first!.weight || !second ? first!.stateMachineVersionArn : second.stateMachineVersionArn;
  }

  /** The machine whose versions they are. Throws ValidationException, ResourceNotFound. */
  #checkRouting(routing: readonly Route[]): string {
    const arns = routing.map((route) => route.stateMachineVersionArn);
    const received = `Received: [${arns.join(', ')}]`;
    const invalid = (why: string) => new AwsError('ValidationException', `${why} ${received}`);
    const references = arns.map(readMachineArn);
    if (references.some(({ version }) => version === undefined))
      throw invalid('Routing configuration must contain state machine version ARNs.');
    if (new Set(arns).size < arns.length)
      throw invalid('Routing configuration must contain distinct state machine version ARNs.');
    const weights = routing.map(({ weight }) => weight);
    if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
      throw new AwsError(
        'ValidationException',
        `Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`,
      );
    }
    const machineArn = references[0]!.arn;
    if (references.some(({ arn }) => arn !== machineArn))
      throw invalid('Routing configuration must contain versions of the same state machine.');
    const missing = arns.find((arn) => !this.#versions.find(arn));
    if (missing !== undefined) throw notFound(missing);
    const machine = this.#machines.find(machineArn);
    if (!machine) throw doesNotExist(machineArn);
    return active(machine).arn;
  }
}

const notFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFound', 'Request references a resource that does not exist.', 400, { resourceName: arn });

const readRow = (row: AliasRow): Alias => ({ ...row, routing: JSON.parse(row.routing) as Route[] });
