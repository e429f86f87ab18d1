import fc from 'fast-check';
import { type BuiltMachine, buildMachine } from './build-machine.ts';
import { jsonata, type MachineInput, machineInput } from './expressions.ts';
import { simple, terminal } from './simple-states.ts';
import { assign, catchers, resultPath, retry } from './state-fields.ts';
import { type Fields, optional, type ProgramSpec, type StateSpec, state, type } from './state-specs.ts';

/** A valid definition, what its tasks do, and an input. */
export interface GeneratedMachine extends BuiltMachine {
  readonly input: MachineInput;
  /** What every draw of a random number gives. */
  readonly random: number;
}

export type Mode = 'JSONata' | 'mixed';
const KEPT = {
  'n.$': '$.n',
  's.$': '$.s',
  'b.$': '$.b',
  'list.$': '$.list',
  'words.$': '$.words',
  'obj.$': '$.obj',
  'sec.$': '$.sec',
  'when.$': '$.when',
  'json.$': '$.json',
};

function branching(mode: Mode, depth: number) {
  const inner = program(mode, depth - 1);
  return {
    JSONPath: fc.oneof(
      state(
        type('Parallel', {
          Retry: retry,
          ResultPath: resultPath,
          Assign: assign.JSONPath,
          ResultSelector: optional(fc.constantFrom<Fields>({ 'all.$': '$' }, { 'first.$': '$[0]' })),
        }),
        {
          programs: fc.array(inner, { minLength: 1, maxLength: 3 }),
          catchers: catchers.JSONPath,
        },
      ),
      state(
        fc
          .tuple(
            type('Map', {
              ItemsPath: fc.constantFrom('$.list', '$.words', '$arr', '$rec.rows'),
              ItemSelector: fc.constantFrom<Fields | undefined>(
                { ...KEPT, 'n.$': '$$.Map.Item.Index', 'item.$': '$$.Map.Item.Value' },
                { ...KEPT, 's.$': "States.Format('item {}', $$.Map.Item.Value)" },
              ),
              ResultPath: resultPath,
              Retry: retry,
              Assign: assign.JSONPath,
            }),
            fc.constantFrom<Fields>(
              {},
              { MaxConcurrency: 1 },
              { MaxConcurrency: 2 },
              { MaxConcurrencyPath: '$.obj.k' },
            ),
          )
          .map(([fields, most]) => ({ ...fields, ...most })),
        { programs: fc.tuple(inner), catchers: catchers.JSONPath },
      ),
    ),
    JSONata: fc.oneof(
      state(
        type('Parallel', {
          Retry: retry,
          Assign: assign.JSONata,
          Arguments: optional(fc.constant(jsonata.keeping('r', '$txt'))),
          Output: fc.constantFrom(
            jsonata.keeping('all', '$states.result'),
            jsonata.keeping('all', '$count($states.result)'),
          ),
        }),
        {
          programs: fc.array(inner, { minLength: 1, maxLength: 3 }),
          catchers: catchers.JSONata,
        },
      ),
      state(
        type('Map', {
          Items: jsonata.list,
          ItemSelector: fc.constantFrom(
            jsonata.keeping('n', '$states.context.Map.Item.Index'),
            jsonata.keeping('item', '$states.context.Map.Item.Value'),
          ),
          MaxConcurrency: optional(fc.constantFrom<unknown>(1, 2, '{% $states.input.obj.k %}')),
          Output: fc.constantFrom(
            jsonata.keeping('all', '$states.result'),
            jsonata.keeping('all', '$count($states.result)'),
          ),
          Retry: retry,
          Assign: assign.JSONata,
        }),
        { programs: fc.tuple(inner), catchers: catchers.JSONata },
      ),
    ),
  };
}

/** In a mixed machine the states that speak JSONata say so. */
const speaking = (
  mode: Mode,
  states: { readonly JSONPath: fc.Arbitrary<StateSpec>; readonly JSONata: fc.Arbitrary<StateSpec> },
) =>
  mode === 'JSONata'
    ? states.JSONata
    : fc.oneof(
        states.JSONPath,
        states.JSONata.map((spec) => ({ ...spec, fields: { ...spec.fields, QueryLanguage: 'JSONata' } })),
      );

function program(mode: Mode, depth: number): fc.Arbitrary<ProgramSpec> {
  const plain = speaking(mode, simple);
  const any =
    depth > 0
      ? fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: speaking(mode, branching(mode, depth)) })
      : plain;
  return fc
    .tuple(fc.array(any, { minLength: 1, maxLength: depth > 1 ? 5 : 3 }), optional(speaking(mode, terminal)))
    .map(([states, last]) => (last ? [...states, last] : states));
}

function machine(mode: Mode): fc.Arbitrary<GeneratedMachine> {
  return fc
    .record({
      states: program(mode, 2),
      input: machineInput,
      random: fc.constantFrom(0, 0.25, 0.7),
      TimeoutSeconds: optional(fc.constantFrom(45, 200), 8),
    })
    .map(({ states, input, random, TimeoutSeconds }) => ({
      ...buildMachine(mode, states, { TimeoutSeconds }),
      input,
      random,
    }));
}

export const generatedMachine: fc.Arbitrary<GeneratedMachine> = fc.oneof(machine('JSONata'), machine('mixed'));
