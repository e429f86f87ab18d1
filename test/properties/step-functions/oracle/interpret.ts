import { durationMs, heartbeatEveryMs, outcomeOf, type TaskScript } from '../task-script.ts';
import { holds } from './choice.ts';
import type { PathRoots } from './json-path.ts';
import { StateError } from './state-error.ts';
import { atPath, atReference, evaluated, fill, withResult } from './values.ts';

/**
 * A state machine interpreter as one would write it from https://states-language.net/spec.html and the AWS manual in an afternoon: it
 * recurses, keeps no log and runs branches one after the other, each with a time of its own. It shares no code with the engine.
 */
export interface OracleSettings {
  readonly script: TaskScript;
  readonly startMs: number;
  readonly executionName: string;
  /** What every draw gives: the order of draws in concurrent branches is nobody's promise. */
  readonly random: number;
  readonly uuid: string;
  /** Which of so many branches that failed in the same millisecond was the first: the specification leaves it open. */
  readonly firstOf: (branches: number) => number;
}

export interface TaskCall {
  readonly atMs: number;
  readonly state: string;
  readonly place: string;
  readonly attempt: number;
  readonly input: unknown;
}

export interface OracleRun {
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  readonly output?: unknown;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly calls: readonly TaskCall[];
  /** Those of `calls` that were due in the very millisecond in which something else ended what they are part of. */
  readonly optional: ReadonlySet<TaskCall>;
}

// biome-ignore lint/suspicious/noExplicitAny: a state is whatever JSON the definition has, and the oracle believes it.
type Json = Record<string, any>;

interface Thread {
  nowMs: number;
  readonly place: string;
  readonly variables: Record<string, unknown>;
  readonly item?: { readonly Index: number; readonly Value: unknown };
  readonly calls: TaskCall[];
}

interface Visit {
  readonly name: string;
  readonly state: Json;
  readonly jsonata: boolean;
  readonly input: unknown;
  readonly enteredMs: number;
  retries: number;
  calls: number;
}

interface Left {
  readonly output: unknown;
  readonly assigned?: Record<string, unknown> | undefined;
  readonly next?: string | undefined;
}

const NEVER = Number.POSITIVE_INFINITY;

export async function interpret(machine: Json, input: unknown, settings: OracleSettings): Promise<OracleRun> {
  const oracle = new Oracle(machine, input, settings);
  const { optional } = oracle;
  const thread: Thread = { nowMs: settings.startMs, place: '', variables: {}, calls: [] };
  const deadlineMs = machine.TimeoutSeconds === undefined ? NEVER : settings.startMs + machine.TimeoutSeconds * 1000;
  let run: Omit<OracleRun, 'calls' | 'optional'>;
  try {
    run = { status: 'SUCCEEDED', output: await oracle.program(machine, input, thread) };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    run = { status: 'FAILED', error: error.error, cause: error.why ?? undefined };
  }
  if (thread.nowMs >= deadlineMs) {
    return {
      status: deadlineMs === NEVER ? 'RUNNING' : 'TIMED_OUT',
      ...(deadlineMs !== NEVER && { error: 'States.Timeout' }),
      calls: oracle.until(deadlineMs, thread.calls),
      optional,
    };
  }
  return { ...run, calls: thread.calls, optional };
}

class Oracle {
  readonly #machine: Json;
  readonly #input: unknown;
  readonly #settings: OracleSettings;
  readonly optional = new Set<TaskCall>();

  constructor(machine: Json, input: unknown, settings: OracleSettings) {
    this.#machine = machine;
    this.#input = input;
    this.#settings = settings;
  }

  async program(program: Json, input: unknown, thread: Thread): Promise<unknown> {
    let name: string | undefined = program.StartAt;
    let data = input;
    while (name !== undefined) {
      const left: Left = await this.#state(name, program.States[name], data, thread);
      Object.assign(thread.variables, left.assigned);
      data = left.output;
      name = left.next;
    }
    return data;
  }

  async #state(name: string, state: Json, input: unknown, thread: Thread): Promise<Left> {
    const jsonata = (state.QueryLanguage ?? this.#machine.QueryLanguage) === 'JSONata';
    const visit: Visit = { name, state, jsonata, input, enteredMs: thread.nowMs, retries: 0, calls: 0 };
    const tried = new Map<Json, number>();
    for (;;) {
      try {
        return await this.#attempt(visit, thread);
      } catch (error) {
        // What has not ended by now never will.
        if (!(error instanceof StateError) || thread.nowMs === NEVER) throw error;
        const retrier = (state.Retry ?? []).find((one: Json) => matches(one.ErrorEquals, error));
        const times = tried.get(retrier) ?? 0;
        if (retrier && times < (retrier.MaxAttempts ?? 3)) {
          tried.set(retrier, times + 1);
          visit.retries++;
          thread.nowMs += this.#delayMs(retrier, times);
          continue;
        }
        const catcher = (state.Catch ?? []).find((one: Json) => matches(one.ErrorEquals, error));
        if (!catcher) throw error;
        return this.#caught(catcher, error, visit, thread);
      }
    }
  }

  #delayMs(retrier: Json, times: number): number {
    let seconds = retrier.IntervalSeconds ?? 1;
    for (let time = 0; time < times; time++) seconds *= retrier.BackoffRate ?? 2;
    seconds = Math.min(seconds, retrier.MaxDelaySeconds ?? NEVER);
    return Math.round(seconds * 1000 * (retrier.JitterStrategy === 'FULL' ? this.#settings.random : 1));
  }

  async #caught(catcher: Json, { error, why }: StateError, visit: Visit, thread: Thread): Promise<Left> {
    const errorOutput = { Error: error, Cause: why ?? '' };
    if (visit.jsonata) {
      const scope = this.#scope(visit, thread, { errorOutput });
      return {
        assigned: (await evaluated(catcher.Assign ?? {}, scope)) as Json,
        output: catcher.Output === undefined ? errorOutput : await evaluated(catcher.Output, scope),
        next: catcher.Next,
      };
    }
    return {
      assigned: this.#fill(catcher.Assign ?? {}, errorOutput, visit, thread) as Json,
      output: withResult(catcher.ResultPath, visit.input, errorOutput),
      next: catcher.Next,
    };
  }

  async #attempt(visit: Visit, thread: Thread): Promise<Left> {
    const { state, input, jsonata } = visit;
    switch (state.Type) {
      case 'Succeed':
        return jsonata
          ? this.#leaveJsonata(visit, thread, {}, input)
          : { output: this.#path(state.OutputPath, this.#path(state.InputPath, input, visit, thread), visit, thread) };
      case 'Fail':
        return this.#fail(visit, thread);
      case 'Choice':
        return this.#choose(visit, thread);
      case 'Wait': {
        thread.nowMs = Math.max(thread.nowMs, await this.#untilMs(visit, thread));
        if (jsonata) return this.#leaveJsonata(visit, thread, {}, input);
        const effective = this.#path(state.InputPath, input, visit, thread);
        return {
          assigned: this.#fill(state.Assign ?? {}, effective, visit, thread) as Json,
          output: this.#path(state.OutputPath, effective, visit, thread),
          next: state.Next,
        };
      }
      case 'Pass': {
        if (jsonata) return this.#leaveJsonata(visit, thread, {}, input);
        const argument = await this.#argument(visit, thread);
        return this.#leaveJsonpath(visit, thread, state.Result === undefined ? argument : state.Result);
      }
    }
    const result = await { Task: this.#task, Parallel: this.#parallel, Map: this.#map }[state.Type as 'Task'].call(
      this,
      visit,
      thread,
    );
    if (jsonata) return this.#leaveJsonata(visit, thread, { result }, result);
    const selected =
      state.ResultSelector === undefined ? result : this.#fill(state.ResultSelector, result, visit, thread);
    return this.#leaveJsonpath(visit, thread, selected);
  }

  async #leaveJsonata(visit: Visit, thread: Thread, more: Json, otherwise: unknown): Promise<Left> {
    const scope = this.#scope(visit, thread, more);
    return {
      assigned: (await evaluated(visit.state.Assign ?? {}, scope)) as Json,
      output: visit.state.Output === undefined ? otherwise : await evaluated(visit.state.Output, scope),
      next: visit.state.Next,
    };
  }

  #leaveJsonpath(visit: Visit, thread: Thread, result: unknown): Left {
    const { state, input } = visit;
    const assigned = this.#fill(state.Assign ?? {}, result, visit, thread) as Json;
    const combined = withResult(state.ResultPath, input, result);
    return { assigned, output: this.#path(state.OutputPath, combined, visit, thread), next: state.Next };
  }

  async #fail(visit: Visit, thread: Thread): Promise<never> {
    const { state, input } = visit;
    const said = async (field: 'Error' | 'Cause'): Promise<string | undefined> => {
      const value = visit.jsonata
        ? await this.#expression(state[field] ?? null, visit, thread)
        : state[`${field}Path`] === undefined
          ? (state[field] ?? null)
          : atReference(state[`${field}Path`], this.#roots(input, visit, thread), this.#settings.uuid);
      if (value === null && state[field] === undefined && state[`${field}Path`] === undefined) return undefined;
      if (typeof value !== 'string')
        throw new StateError(visit.jsonata ? 'States.QueryEvaluationError' : 'States.Runtime');
      return value;
    };
    throw new StateError(await said('Error'), (await said('Cause')) ?? null);
  }

  async #choose(visit: Visit, thread: Thread): Promise<Left> {
    const { state, input } = visit;
    const otherwise = state.Default === undefined ? undefined : { ...state, Next: state.Default };
    if (visit.jsonata) {
      let chosen: Json | undefined;
      for (const rule of state.Choices) {
        const condition = await this.#expression(rule.Condition, visit, thread);
        if (typeof condition !== 'boolean') throw new StateError('States.QueryEvaluationError');
        if (!condition) continue;
        chosen = rule;
        break;
      }
      chosen ??= otherwise;
      if (!chosen) throw new StateError('States.NoChoiceMatched');
      return this.#leaveJsonata({ ...visit, state: chosen }, thread, {}, input);
    }
    const effective = this.#path(state.InputPath, input, visit, thread);
    const roots = this.#roots(effective, visit, thread);
    const chosen = state.Choices.find((rule: Json) => holds(rule, roots)) ?? otherwise;
    if (!chosen) throw new StateError('States.NoChoiceMatched');
    return {
      assigned: this.#fill(chosen.Assign ?? {}, effective, visit, thread) as Json,
      output: this.#path(state.OutputPath, effective, visit, thread),
      next: chosen.Next,
    };
  }

  async #untilMs(visit: Visit, thread: Thread): Promise<number> {
    const { state, jsonata } = visit;
    const effective = jsonata ? undefined : this.#path(state.InputPath, visit.input, visit, thread);
    const value = jsonata
      ? await this.#expression(state.Seconds ?? state.Timestamp, visit, thread)
      : (state.Seconds ??
        state.Timestamp ??
        this.#path(state.SecondsPath ?? state.TimestampPath, effective, visit, thread));
    const isSeconds = state.Seconds !== undefined || state.SecondsPath !== undefined;
    const fits = isSeconds
      ? Number.isInteger(value) && (value as number) >= 0
      : typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);
    if (!fits) throw new StateError(jsonata ? 'States.QueryEvaluationError' : 'States.Runtime');
    return isSeconds ? visit.enteredMs + (value as number) * 1000 : Date.parse(value as string);
  }

  async #task(visit: Visit, thread: Thread): Promise<unknown> {
    const { name } = visit;
    const input = await this.#argument(visit, thread);
    const timeoutMs = await this.#secondsMs('TimeoutSeconds', visit, thread);
    const heartbeatMs = await this.#secondsMs('HeartbeatSeconds', visit, thread);
    const call = { atMs: thread.nowMs, state: name, place: thread.place, attempt: visit.calls++, input };
    thread.calls.push(call);
    const outcome = outcomeOf(this.#settings.script, call);
    const answerMs = outcome.kind === 'silent' ? NEVER : durationMs(call);
    let lastBeatMs = 0;
    const everyMs = heartbeatEveryMs(heartbeatMs / 1000);
    for (let beat = 1; beat <= this.#settings.script[name]!.heartbeats && beat * everyMs < answerMs; beat++)
      lastBeatMs = beat * everyMs;
    const silentMs = lastBeatMs + heartbeatMs;
    const endMs = Math.min(answerMs, timeoutMs, silentMs);
    thread.nowMs += endMs;
    if (endMs < answerMs || endMs === NEVER) throw new StateError('States.Timeout', null, silentMs < timeoutMs);
    if (outcome.kind === 'fails') throw new StateError(outcome.error, outcome.cause);
    return outcome.kind === 'succeeds' ? structuredClone(outcome.output) : undefined;
  }

  async #secondsMs(field: string, visit: Visit, thread: Thread): Promise<number> {
    const { state } = visit;
    if (visit.jsonata) {
      if (state[field] === undefined) return NEVER;
      const value = await this.#expression(state[field], visit, thread);
      if (!Number.isInteger(value)) throw new StateError('States.QueryEvaluationError');
      return (value as number) * 1000;
    }
    if (state[`${field}Path`] === undefined) return state[field] === undefined ? NEVER : state[field] * 1000;
    const effective = this.#path(state.InputPath, visit.input, visit, thread);
    const value = this.#path(state[`${field}Path`], effective, visit, thread);
    if (!Number.isInteger(value) || (value as number) <= 0) throw new StateError('States.Runtime');
    return (value as number) * 1000;
  }

  async #parallel(visit: Visit, thread: Thread): Promise<unknown> {
    const input = await this.#argument(visit, thread);
    const branches: Branch[] = [];
    for (const [index, program] of (visit.state.Branches as Json[]).entries()) {
      branches.push(await this.#branch(program, input, thread, index, thread.nowMs, thread.item));
    }
    return this.#join(branches, thread);
  }

  async #map(visit: Visit, thread: Thread): Promise<unknown> {
    const { state, input, jsonata } = visit;
    const effective = jsonata ? input : this.#path(state.InputPath, input, visit, thread);
    const items = jsonata
      ? state.Items === undefined
        ? input
        : await evaluated(state.Items, this.#scope(visit, thread, {}))
      : this.#path(state.ItemsPath, effective, visit, thread);
    if (!Array.isArray(items)) throw new StateError(jsonata ? 'States.QueryEvaluationError' : 'States.Runtime');
    const most = (await this.#most(effective, visit, thread)) || NEVER;
    const branches: Branch[] = [];
    const busyUntilMs: number[] = [];
    let startMs = thread.nowMs;
    for (const [index, value] of items.entries()) {
      if (busyUntilMs.length >= most) {
        busyUntilMs.sort((left, right) => left - right);
        startMs = Math.max(startMs, busyUntilMs.shift()!);
      }
      if (branches.some((branch) => branch.failure && branch.endMs <= startMs)) break;
      const item = { Index: index, Value: value };
      const branch = await this.#iteration(visit, { ...thread, item }, effective, value, startMs);
      branches.push(branch);
      busyUntilMs.push(branch.endMs);
    }
    return this.#join(branches, thread);
  }

  async #most(effective: unknown, visit: Visit, thread: Thread): Promise<number> {
    const { MaxConcurrency: literal, MaxConcurrencyPath: path } = visit.state;
    if (path === undefined && literal === undefined) return 0;
    const value = path === undefined ? literal : this.#path(path, effective, visit, thread);
    const most = visit.jsonata ? await this.#expression(value, visit, thread) : value;
    if (!Number.isInteger(most) || (most as number) < 0)
      throw new StateError(visit.jsonata ? 'States.QueryEvaluationError' : 'States.Runtime');
    return most as number;
  }

  async #iteration(
    visit: Visit,
    thread: Thread & { item: { Index: number; Value: unknown } },
    effective: unknown,
    value: unknown,
    startMs: number,
  ): Promise<Branch> {
    const { ItemSelector: selector, ItemProcessor: processor } = visit.state;
    let input = value;
    try {
      if (selector !== undefined)
        input = visit.jsonata
          ? await evaluated(selector, this.#scope(visit, thread, {}))
          : this.#fill(selector, effective, visit, thread);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      return { endMs: startMs, failure: error, calls: [] };
    }
    return this.#branch(processor, input, thread, thread.item.Index, startMs, thread.item);
  }

  async #branch(
    program: Json,
    input: unknown,
    around: Thread,
    index: number,
    startMs: number,
    item: Thread['item'],
  ): Promise<Branch> {
    const thread: Thread = {
      nowMs: startMs,
      place: around.place === '' ? `${index}` : `${around.place}/${index}`,
      variables: { ...around.variables },
      calls: [],
      ...(item && { item }),
    };
    try {
      const value = await this.program(program, structuredClone(input), thread);
      return { endMs: thread.nowMs, value, calls: thread.calls };
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      return { endMs: thread.nowMs, failure: error, calls: thread.calls };
    }
  }

  /** All values when all branches end; else what happens at the first failure happens to all. */
  #join(branches: readonly Branch[], thread: Thread): unknown {
    const failed = branches.filter(({ failure }) => failure !== undefined);
    const earliestMs = Math.min(...failed.map(({ endMs }) => endMs));
    const firsts = failed.filter(({ endMs }) => endMs === earliestMs);
    const first = firsts.length > 1 ? firsts[this.#settings.firstOf(firsts.length)] : firsts[0];
    const calls = branches.flatMap((branch) => branch.calls);
    thread.calls.push(...(first ? this.until(first.endMs, calls) : calls));
    thread.nowMs = first ? first.endMs : Math.max(thread.nowMs, ...branches.map(({ endMs }) => endMs));
    if (first) throw first.failure!;
    return branches.map(({ value }) => value);
  }

  until(endMs: number, calls: readonly TaskCall[]): TaskCall[] {
    for (const call of calls) if (call.atMs === endMs) this.optional.add(call);
    return calls.filter(({ atMs }) => atMs <= endMs);
  }

  async #argument(visit: Visit, thread: Thread): Promise<unknown> {
    const { state, input } = visit;
    if (visit.jsonata)
      return state.Arguments === undefined ? input : evaluated(state.Arguments, this.#scope(visit, thread, {}));
    const effective = this.#path(state.InputPath, input, visit, thread);
    return state.Parameters === undefined ? effective : this.#fill(state.Parameters, effective, visit, thread);
  }

  #expression(value: unknown, visit: Visit, thread: Thread): Promise<unknown> {
    return evaluated(value, this.#scope(visit, thread, {}));
  }

  #scope(visit: Visit, thread: Thread, more: Json) {
    const { random, uuid } = this.#settings;
    const states = { input: visit.input, context: this.#context(visit, thread), ...more };
    return { states, variables: thread.variables, random, uuid };
  }

  #roots(input: unknown, visit: Visit, thread: Thread): PathRoots {
    return { input, context: this.#context(visit, thread), variables: thread.variables };
  }

  #path(path: unknown, input: unknown, visit: Visit, thread: Thread): unknown {
    return atPath(path, this.#roots(input, visit, thread));
  }

  #fill(template: unknown, input: unknown, visit: Visit, thread: Thread): unknown {
    return fill(template, this.#roots(input, visit, thread), this.#settings.uuid);
  }

  /** As far as generated machines look into it. */
  #context({ name, enteredMs, retries }: Visit, thread: Thread): Json {
    return {
      Execution: { Name: this.#settings.executionName, Input: this.#input },
      State: { Name: name, EnteredTime: new Date(enteredMs).toISOString(), RetryCount: retries },
      ...(thread.item && { Map: { Item: thread.item } }),
    };
  }
}

interface Branch {
  readonly endMs: number;
  readonly value?: unknown;
  readonly failure?: StateError;
  readonly calls: readonly TaskCall[];
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
function matches(names: readonly string[], { error, heartbeat }: StateError): boolean {
  if (error === 'States.Runtime') return false;
  if (names.includes('States.ALL') || (error !== undefined && names.includes(error))) return true;
  if (names.includes('States.TaskFailed') && error !== 'States.Timeout') return true;
  return heartbeat && names.includes('States.HeartbeatTimeout');
}
