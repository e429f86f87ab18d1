import { createHash } from 'node:crypto';
import { formatArn } from '../../arn.ts';
import { AwsError, notImplemented } from '../../aws-error.ts';
import { requireOwnRole } from '../../iam/pass-role.ts';
import { optionalChoice, optionalInteger, optionalText, requiredText, takeOnly } from '../../operation-input.ts';
import type { AccountContext, JsonObject, Operations } from '../../service.ts';
import { isDistributed, type Program, processorOf, type State } from '../asl.ts';
import { refusalMessage, validateDefinition } from '../definition/validate-definition.ts';
import type { TaskCaller } from '../engine/task-caller.ts';
import { parseResource } from '../interpreter/resource.ts';
import { checkArn, checkName, pageToken, readPageToken } from './names.ts';

export interface StateMachineRow {
  readonly key: number;
  readonly arn: string;
  readonly name: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly definition: string;
  readonly roleArn: string;
  readonly revisionId: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly logging: string;
  readonly tracing: string;
  readonly tags: string;
}

const TABLE = `
CREATE TABLE IF NOT EXISTS sfn_state_machine (
  key INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, type TEXT NOT NULL, definition TEXT NOT NULL, roleArn TEXT NOT NULL,
  revisionId TEXT NOT NULL, createdAtMs INTEGER NOT NULL, updatedAtMs INTEGER NOT NULL, logging TEXT NOT NULL, tracing TEXT NOT NULL, tags TEXT NOT NULL);
`;

/** What CreateStateMachine is given, checked. */
export interface StateMachineInput {
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly logging: JsonObject;
  readonly tracing: JsonObject;
  readonly tags: readonly { key: string; value: string }[];
}

const NO_LOGGING = { level: 'OFF', includeExecutionData: false };
const NO_TRACING = { enabled: false };

/** The state machines of one account. */
export class StateMachines {
  readonly #context: AccountContext;
  readonly #caller: Pick<TaskCaller, 'supports'>;

  constructor(context: AccountContext, caller: Pick<TaskCaller, 'supports'>) {
    this.#context = context;
    this.#caller = caller;
    context.store.define(TABLE);
  }

  arnOf(name: string): string {
    return formatArn('states', this.#context.region, this.#context.accountId, `stateMachine:${name}`);
  }

  find(arn: string): StateMachineRow | undefined {
    return this.#context.store.prepare('SELECT * FROM sfn_state_machine WHERE arn = ?').get(arn) as unknown as
      | StateMachineRow
      | undefined;
  }

  get(arn: string): StateMachineRow {
    checkArn(arn, 'stateMachine');
    const row = this.find(arn);
    if (!row) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return row;
  }

  /** Makes it; the same again is the same, another under its name is refused. */
  create(input: StateMachineInput): StateMachineRow {
    checkName(input.name);
    requireOwnRole(input.roleArn, this.#context.accountId);
    this.check(input.definition, input.type);
    const arn = this.arnOf(input.name);
    return this.#context.store.transaction(() => {
      const existing = this.find(arn);
      if (existing) {
        const same =
          existing.definition === input.definition &&
          existing.roleArn === input.roleArn &&
          existing.type === input.type &&
          existing.logging === JSON.stringify(input.logging) &&
          existing.tracing === JSON.stringify(input.tracing);
        if (!same) throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
        return existing;
      }
      const nowMs = this.#context.clock.now();
      this.#context.store
        .prepare(
          'INSERT INTO sfn_state_machine (arn, name, type, definition, roleArn, revisionId, createdAtMs, updatedAtMs, logging, tracing, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          arn,
          input.name,
          input.type,
          input.definition,
          input.roleArn,
          this.#revision(input.definition, input.roleArn),
          nowMs,
          nowMs,
          JSON.stringify(input.logging),
          JSON.stringify(input.tracing),
          JSON.stringify(input.tags),
        );
      return this.find(arn)!;
    });
  }

  /** Executions that are under way keep the definition they began with. */
  update(
    arn: string,
    change: Partial<Pick<StateMachineInput, 'definition' | 'roleArn' | 'logging' | 'tracing' | 'tags'>>,
  ): StateMachineRow {
    const row = this.get(arn);
    if (change.roleArn !== undefined) requireOwnRole(change.roleArn, this.#context.accountId);
    if (change.definition !== undefined) this.check(change.definition, row.type);
    const definition = change.definition ?? row.definition;
    const roleArn = change.roleArn ?? row.roleArn;
    const json = (value: unknown, current: string) => (value === undefined ? current : JSON.stringify(value));
    this.#context.store.transaction(() =>
      this.#context.store
        .prepare(
          'UPDATE sfn_state_machine SET definition = ?, roleArn = ?, revisionId = ?, updatedAtMs = ?, logging = ?, tracing = ?, tags = ? WHERE arn = ?',
        )
        .run(
          definition,
          roleArn,
          this.#revision(definition, roleArn),
          this.#context.clock.now(),
          json(change.logging, row.logging),
          json(change.tracing, row.tracing),
          json(change.tags, row.tags),
          arn,
        ),
    );
    return this.get(arn);
  }

  delete(arn: string): void {
    checkArn(arn, 'stateMachine');
    this.#context.store.transaction(() =>
      this.#context.store.prepare('DELETE FROM sfn_state_machine WHERE arn = ?').run(arn),
    );
  }

  list(limit: number, after: number): StateMachineRow[] {
    return this.#context.store
      .prepare('SELECT * FROM sfn_state_machine WHERE key > ? ORDER BY key LIMIT ?')
      .all(after, limit) as unknown as StateMachineRow[];
  }

  /** Throws InvalidDefinition as AWS does, and NotImplemented for what is valid but not done here. */
  check(definition: string, type: 'STANDARD' | 'EXPRESS'): void {
    const { issues, definition: parsed } = validateDefinition(definition, type);
    const refusal = refusalMessage(issues);
    if (refusal !== undefined) throw new AwsError('InvalidDefinition', refusal);
    if (type === 'EXPRESS') throw notImplemented('An EXPRESS state machine');
    this.#refuseUnsupported(parsed as unknown as Program, '');
  }

  #refuseUnsupported(program: Program, place: string): void {
    for (const [name, state] of Object.entries(program.States)) {
      const at = `${place}/States/${name}`;
      if (state.Type === 'Task') this.#refuseResource(state, at);
      if (state.Type === 'Parallel') {
        for (const [index, branch] of (state.Branches ?? []).entries())
          this.#refuseUnsupported(branch, `${at}/Branches[${index}]`);
      }
      if (state.Type !== 'Map') continue;
      if (isDistributed(state)) throw notImplemented(`A Map in DISTRIBUTED mode (at ${at})`);
      this.#refuseUnsupported(processorOf(state), `${at}/ItemProcessor`);
    }
  }

  #refuseResource(state: State, at: string): void {
    const resource = parseResource(state.Resource!);
    if (resource && !this.#caller.supports(resource))
      throw notImplemented(`The resource ${state.Resource} (at ${at}/Resource)`);
  }

  /** The same definition under the same role is the same revision. */
  #revision(definition: string, roleArn: string): string {
    const hex = createHash('sha256').update(`${roleArn}\n${definition}`).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
  }
}

const readTags = (value: unknown): StateMachineInput['tags'] =>
  ((value as JsonObject[] | undefined) ?? []).map(({ key, value: text }) => ({
    key: String(key),
    value: String(text),
  }));

export function stateMachineOperations(machines: StateMachines): Operations {
  return {
    CreateStateMachine(input) {
      takeOnly('CreateStateMachine', input, [
        'name',
        'definition',
        'roleArn',
        'type',
        'loggingConfiguration',
        'tracingConfiguration',
        'tags',
      ]);
      const row = machines.create({
        name: requiredText(input, 'name'),
        definition: requiredText(input, 'definition'),
        roleArn: requiredText(input, 'roleArn'),
        type: optionalChoice(input, 'type', ['STANDARD', 'EXPRESS'] as const, 'STANDARD'),
        logging: (input.loggingConfiguration as JsonObject | undefined) ?? NO_LOGGING,
        tracing: (input.tracingConfiguration as JsonObject | undefined) ?? NO_TRACING,
        tags: readTags(input.tags),
      });
      return { stateMachineArn: row.arn, creationDate: new Date(row.createdAtMs) };
    },
    UpdateStateMachine(input) {
      takeOnly('UpdateStateMachine', input, [
        'stateMachineArn',
        'definition',
        'roleArn',
        'loggingConfiguration',
        'tracingConfiguration',
      ]);
      const definition = optionalText(input, 'definition');
      const roleArn = optionalText(input, 'roleArn');
      const row = machines.update(requiredText(input, 'stateMachineArn'), {
        ...(definition !== undefined && { definition }),
        ...(roleArn !== undefined && { roleArn }),
        ...(input.loggingConfiguration !== undefined && { logging: input.loggingConfiguration as JsonObject }),
        ...(input.tracingConfiguration !== undefined && { tracing: input.tracingConfiguration as JsonObject }),
      });
      return { updateDate: new Date(row.updatedAtMs), revisionId: row.revisionId };
    },
    DescribeStateMachine(input) {
      takeOnly('DescribeStateMachine', input, ['stateMachineArn']);
      const row = machines.get(requiredText(input, 'stateMachineArn'));
      return {
        stateMachineArn: row.arn,
        name: row.name,
        status: 'ACTIVE',
        definition: row.definition,
        roleArn: row.roleArn,
        type: row.type,
        creationDate: new Date(row.createdAtMs),
        loggingConfiguration: JSON.parse(row.logging),
        tracingConfiguration: JSON.parse(row.tracing),
        revisionId: row.revisionId,
      };
    },
    ListStateMachines(input) {
      takeOnly('ListStateMachines', input, ['maxResults', 'nextToken']);
      const limit = optionalInteger(input, 'maxResults', { least: 0, most: 1000 }) || 100;
      const rows = machines.list(limit + 1, readPageToken(input.nextToken) ?? 0);
      const page = rows.slice(0, limit);
      return {
        stateMachines: page.map((row) => ({
          stateMachineArn: row.arn,
          name: row.name,
          type: row.type,
          creationDate: new Date(row.createdAtMs),
        })),
        ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.key) }),
      };
    },
    DeleteStateMachine(input) {
      takeOnly('DeleteStateMachine', input, ['stateMachineArn']);
      machines.delete(requiredText(input, 'stateMachineArn'));
      return {};
    },
    ListTagsForResource(input) {
      takeOnly('ListTagsForResource', input, ['resourceArn']);
      return { tags: JSON.parse(machines.get(requiredText(input, 'resourceArn')).tags) };
    },
    TagResource(input) {
      takeOnly('TagResource', input, ['resourceArn', 'tags']);
      const row = machines.get(requiredText(input, 'resourceArn'));
      const tags = new Map((JSON.parse(row.tags) as { key: string; value: string }[]).map((tag) => [tag.key, tag]));
      for (const tag of readTags(input.tags)) tags.set(tag.key, tag);
      machines.update(row.arn, { tags: [...tags.values()] });
      return {};
    },
    UntagResource(input) {
      takeOnly('UntagResource', input, ['resourceArn', 'tagKeys']);
      const row = machines.get(requiredText(input, 'resourceArn'));
      const gone = new Set((input.tagKeys as string[] | undefined) ?? []);
      const tags = (JSON.parse(row.tags) as { key: string; value: string }[]).filter(({ key }) => !gone.has(key));
      machines.update(row.arn, { tags });
      return {};
    },
    ValidateStateMachineDefinition(input) {
      takeOnly('ValidateStateMachineDefinition', input, ['definition', 'type', 'severity', 'maxResults']);
      const type = optionalChoice(input, 'type', ['STANDARD', 'EXPRESS'] as const, 'STANDARD');
      const { issues } = validateDefinition(requiredText(input, 'definition'), type);
      const limit = optionalInteger(input, 'maxResults', { least: 0, most: 100 }) || 100;
      const failed = issues.some(({ severity }) => severity === 'ERROR');
      return {
        result: failed ? 'FAIL' : 'OK',
        diagnostics: issues.slice(0, limit),
        truncated: issues.length > limit,
      };
    },
  };
}
