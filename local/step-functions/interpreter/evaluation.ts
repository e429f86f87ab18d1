import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import {
  evaluateExpression,
  evaluateJsonataTemplate,
  expressionText,
  isExpression,
  type JsonataScope,
} from '../language/jsonata.ts';
import { PathNotFound, type PathScope, readPath, writePath } from '../language/jsonpath.ts';
import { evaluateReference, evaluateTemplate } from '../language/payload-template.ts';
import { Problem, runtimeProblem } from '../language/problem.ts';
import { contextObject } from './context.ts';
import { type Execution, type Frame, visibleVariables } from './execution.ts';
import { checkVariables } from './variable-limits.ts';

/** A point on a state's way from its input to its output, as TestState names it. */
export type Stage =
  | 'afterInputPath'
  | 'afterParameters'
  | 'afterArguments'
  | 'result'
  | 'afterResultSelector'
  | 'afterResultPath'
  | 'afterItemsPath';

/** What the interpreter takes from outside. Everything it decides follows from the execution and these. */
export interface InterpreterEnvironment {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly region: string;
  /** Whether there is an activity with this ARN; a task for one that was deleted fails. */
  readonly hasActivity: (arn: string) => boolean;
  /** Stands for the context object, whatever the state: TestState is given one. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Sees what a state's fields made of its input and result, in their order. */
  readonly observe?: (stage: Stage, value: unknown) => void;
}

/** The fields of one state, evaluated where the state stands. Throws Problem. */
export class Evaluation {
  readonly #execution: Execution;
  readonly #frame: Frame;
  readonly #environment: InterpreterEnvironment;
  readonly #token: string | undefined;

  constructor(execution: Execution, frame: Frame, environment: InterpreterEnvironment, token?: string) {
    this.#execution = execution;
    this.#frame = frame;
    this.#environment = environment;
    this.#token = token;
  }

  get context(): Record<string, unknown> {
    return this.#environment.context ?? contextObject(this.#execution, this.#frame, this.#token);
  }

  /** Lets the value be seen at a stage, and gives it back. */
  at<T>(stage: Stage, value: T): T {
    this.#environment.observe?.(stage, value);
    return value;
  }

  // --- JSONPath ---

  scope(input: unknown, given?: unknown): PathScope {
    const frame = this.#frame;
    const contextOf = () => this.context;
    let context = given;
    return {
      input,
      // Few paths lead into it, and it has to be made.
      get context() {
        context ??= contextOf();
        return context;
      },
      variable(name) {
        for (let at: Frame | undefined = frame; at; at = at.parent) {
          if (Object.hasOwn(at.variables, name)) return at.variables[name];
        }
        return undefined;
      },
    };
  }

  /** InputPath, OutputPath, ItemsPath, SecondsPath…: a path that must lead somewhere. `null` stands for an empty object. */
  path(path: string | null | undefined, input: unknown): unknown {
    if (path === null) return {};
    if (path === undefined || path === '$') return input;
    try {
      return readPath(path, this.scope(input));
    } catch (error) {
      if (error instanceof PathNotFound) throw runtimeProblem(`Invalid path '${path}' : ${error.message}`);
      throw error;
    }
  }

  /** A `…Path` field that may hold a path or an intrinsic function, with AWS's text for one that leads nowhere. */
  reference(text: string, field: string, input: unknown): unknown {
    return evaluateReference(text, field, this.scope(input), this.#environment.ids);
  }

  template(template: unknown, input: unknown, context?: unknown): unknown {
    return evaluateTemplate(template, this.scope(input, context), this.#environment.ids);
  }

  /** The state's input with its result put where ResultPath says. */
  combine(resultPath: string | null | undefined, input: unknown, result: unknown): unknown {
    if (resultPath === null) return input;
    if (resultPath === undefined || resultPath === '$') return result;
    const combined = writePath(resultPath, input, result);
    if (!combined) {
      throw new Problem(
        'States.ResultPathMatchFailure',
        `Unable to apply ResultPath '${resultPath}' to input ${JSON.stringify(input)}`,
      );
    }
    return combined.result;
  }

  // --- JSONata ---

  jsonataScope(
    input: unknown,
    more: { result?: unknown; errorOutput?: unknown } = {},
    context: unknown = this.context,
  ): JsonataScope {
    return { states: { input, context, ...more }, variables: visibleVariables(this.#frame) };
  }

  /** Every `{% %}` in a field's value. */
  jsonata(value: unknown, field: string, scope: JsonataScope): Promise<unknown> {
    return evaluateJsonataTemplate(value, field, scope, this.#environment);
  }

  /** A field whose value is one expression or a literal. */
  async jsonataField(value: unknown, field: string, scope: JsonataScope): Promise<unknown> {
    return isExpression(value) ? evaluateExpression(expressionText(value), field, scope, this.#environment) : value;
  }

  async assign(
    assignments: Readonly<Record<string, unknown>> | undefined,
    scope: JsonataScope,
  ): Promise<Record<string, unknown> | undefined> {
    return assignments && this.#withinLimits(await this.jsonata(assignments, 'Assign', scope));
  }

  assignTemplate(
    assignments: Readonly<Record<string, unknown>> | undefined,
    input: unknown,
  ): Record<string, unknown> | undefined {
    return assignments && this.#withinLimits(this.template(assignments, input));
  }

  #withinLimits(assigned: unknown): Record<string, unknown> {
    checkVariables(assigned as Record<string, unknown>, visibleVariables(this.#frame));
    return assigned as Record<string, unknown>;
  }
}
