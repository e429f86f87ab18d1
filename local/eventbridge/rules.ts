import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { requireOwnRole } from '../iam/pass-role.ts';
import type { AccountContext } from '../service.ts';
import type { Buses } from './buses.ts';
import { DEFAULT_BUS, ruleArn } from './event.ts';
import { compilePattern } from './pattern/pattern.ts';
import { PatternIndex } from './pattern/pattern-index.ts';
import { nextTimeOf } from './schedule.ts';
import type { Target } from './target.ts';

export interface Rule {
  readonly bus: string;
  readonly name: string;
  readonly arn: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly pattern?: string;
  readonly schedule?: string;
  readonly description?: string;
  readonly roleArn?: string;
}

export type RuleDefinition = Omit<Rule, 'arn'>;

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const LONGEST_PATTERN = 4096;
const MOST_TARGETS = 5;

/** One account's rules and their targets. */
export class Rules {
  readonly #ctx: AccountContext;
  readonly #buses: Buses;
  /** By bus: its enabled rules, as one. Made when an event comes, until a rule changes. */
  readonly #indexes = new Map<string, PatternIndex<Rule>>();

  constructor(ctx: AccountContext, buses: Buses) {
    this.#ctx = ctx;
    this.#buses = buses;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS events_rules (
        bus TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, pattern TEXT, schedule TEXT, description TEXT,
        role_arn TEXT, next_at_ms INTEGER, PRIMARY KEY (bus, name)) STRICT;
      CREATE TABLE IF NOT EXISTS events_targets (
        bus TEXT NOT NULL, rule TEXT NOT NULL, id TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (bus, rule, id)) STRICT;
    `);
  }

  /** Creates the rule or replaces its definition; its targets stay. Throws AWS's errors for what is wrong in it. */
  put(definition: RuleDefinition): Rule {
    const { bus, name, state, pattern, schedule, description, roleArn } = definition;
    this.#buses.require(bus);
    if (!NAME.test(name)) {
      throw invalid(
        `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
      );
    }
    if (pattern === undefined && schedule === undefined) {
      throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
    }
    if (pattern !== undefined && pattern.length > LONGEST_PATTERN) {
      throw new AwsError('InvalidEventPatternException', 'Event pattern is not valid. Reason: Filter is too long');
    }
    if (pattern !== undefined) compilePattern(pattern);
    if (schedule !== undefined && bus !== DEFAULT_BUS) {
      throw invalid('ScheduleExpression is supported only on the default event bus.');
    }
    const nextAtMs = schedule === undefined ? null : nextTimeOf(schedule, this.#ctx.clock.now());
    this.#indexes.delete(bus);
    this.#ctx.store.transaction(() => {
      const before = this.find(bus, name);
      this.#ctx.store
        .prepare(
          `INSERT INTO events_rules VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bus, name) DO UPDATE SET
             state = excluded.state, pattern = excluded.pattern, schedule = excluded.schedule,
             description = excluded.description, role_arn = excluded.role_arn`,
        )
        .run(bus, name, state, pattern ?? null, schedule ?? null, description ?? null, roleArn ?? null, nextAtMs);
      // A deployment that changes nothing must not push the next firing away.
      if (before?.schedule !== schedule || before?.state !== state) this.setNextTime(bus, name, nextAtMs);
    });
    return this.require(bus, name);
  }

  find(bus: string, name: string): Rule | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM events_rules WHERE bus = ? AND name = ?').get(bus, name);
    return row && this.#toRule(row);
  }

  hasArn(arn: string): boolean {
    const path = parseArn(arn)?.resource.split('/') ?? [];
    const [kind, first = '', second] = path;
    if (kind !== 'rule') return false;
    const rule = second === undefined ? this.find(DEFAULT_BUS, first) : this.find(first, path.slice(2).join('/'));
    return rule?.arn === arn;
  }

  require(bus: string, name: string): Rule {
    const rule = this.find(bus, name);
    if (!rule) throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  }

  list(bus: string, prefix = ''): readonly Rule[] {
    const rows = this.#ctx.store.prepare('SELECT * FROM events_rules WHERE bus = ? ORDER BY name').all(bus);
    return rows.map((row) => this.#toRule(row)).filter(({ name }) => name.startsWith(prefix));
  }

  setState(bus: string, name: string, state: Rule['state']): void {
    this.put({ ...this.require(bus, name), state });
  }

  /** Throws ValidationException while the rule has targets. */
  delete(bus: string, name: string): void {
    if (this.targets(bus, name).length > 0) {
      throw invalid("Rule can't be deleted since it has targets.");
    }
    this.#indexes.delete(bus);
    this.#ctx.store.prepare('DELETE FROM events_rules WHERE bus = ? AND name = ?').run(bus, name);
  }

  targets(bus: string, rule: string): readonly Target[] {
    return this.#ctx.store
      .prepare('SELECT target FROM events_targets WHERE bus = ? AND rule = ? ORDER BY id')
      .all(bus, rule)
      .map(({ target }) => JSON.parse(target as string) as Target);
  }

  namesByTarget(bus: string, targetArn: string): readonly string[] {
    return this.#ctx.store
      .prepare(
        "SELECT DISTINCT rule FROM events_targets WHERE bus = ? AND json_extract(target, '$.Arn') = ? ORDER BY rule",
      )
      .all(bus, targetArn)
      .map(({ rule }) => rule as string);
  }

  putTargets(bus: string, rule: string, targets: readonly Target[]): void {
    this.require(bus, rule);
    for (const { RoleArn } of targets) if (RoleArn !== undefined) requireOwnRole(RoleArn, this.#ctx.accountId);
    this.#ctx.store.transaction(() => {
      for (const target of targets) {
        this.#ctx.store
          .prepare('INSERT OR REPLACE INTO events_targets VALUES (?, ?, ?, ?)')
          .run(bus, rule, target.Id, JSON.stringify(target));
      }
      if (this.targets(bus, rule).length > MOST_TARGETS) {
        throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
      }
    });
  }

  /** False when the rule has no such target. */
  removeTarget(bus: string, rule: string, id: string): boolean {
    const { changes } = this.#ctx.store
      .prepare('DELETE FROM events_targets WHERE bus = ? AND rule = ? AND id = ?')
      .run(bus, rule, id);
    return changes > 0;
  }

  /** The enabled rules of a bus whose patterns an event matches. */
  matching(bus: string, eventText: string): readonly Rule[] {
    let index = this.#indexes.get(bus);
    if (!index) {
      const rules = this.list(bus).filter(({ state }) => state === 'ENABLED');
      index = new PatternIndex(
        rules.flatMap((rule) => (rule.pattern === undefined ? [] : [[compilePattern(rule.pattern), rule] as const])),
      );
      this.#indexes.set(bus, index);
    }
    return index.match(eventText);
  }

  /** The enabled rules with a schedule, and when each is due next. */
  scheduled(): readonly { readonly rule: Rule; readonly nextAtMs: number }[] {
    return this.#ctx.store
      .prepare("SELECT * FROM events_rules WHERE state = 'ENABLED' AND next_at_ms IS NOT NULL ORDER BY next_at_ms")
      .all()
      .map((row) => ({ rule: this.#toRule(row), nextAtMs: row.next_at_ms as number }));
  }

  setNextTime(bus: string, name: string, nextAtMs: number | null): void {
    this.#ctx.store
      .prepare('UPDATE events_rules SET next_at_ms = ? WHERE bus = ? AND name = ?')
      .run(nextAtMs, bus, name);
  }

  #toRule(row: Record<string, unknown>): Rule {
    const { bus, name, state } = row as { bus: string; name: string; state: Rule['state'] };
    const optional = <K extends string>(key: K, value: unknown) =>
      (value === null ? {} : { [key]: value }) as Partial<Record<K, string>>;
    return {
      bus,
      name,
      arn: ruleArn(this.#ctx.region, this.#ctx.accountId, bus, name),
      state,
      ...optional('pattern', row.pattern),
      ...optional('schedule', row.schedule),
      ...optional('description', row.description),
      ...optional('roleArn', row.role_arn),
    };
  }
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
