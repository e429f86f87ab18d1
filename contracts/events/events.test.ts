import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../domain/fact.ts';
import { detailOf, detailSchema, type EventType, events } from './catalogue.ts';
import { fact } from './fact.ts';
import { eventFileName, eventSchemaFiles } from './json-schema.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const exampleOf = (type: EventType): Detail => JSON.parse(read(`contracts/events/${eventFileName(type)}.example.json`));

interface Detail {
  readonly metadata: {
    readonly id: string;
    readonly runId: string | null;
    readonly environment: 'dev';
    readonly at: string;
  };
  readonly data: Record<string, unknown>;
}

/** The schema file as anybody else reads it: JSON Schema draft-07, formats checked. */
const outsider = (type: EventType) => {
  const ajv = new Ajv({ strict: true, allErrors: false, allowUnionTypes: true });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(read(`contracts/events/${eventFileName(type)}.schema.json`)));
};

type Path = readonly (string | number)[];

/** Every place in a value, itself included. */
function places(value: unknown, path: Path = []): { path: Path; value: unknown }[] {
  if (value === null || typeof value !== 'object') return [{ path, value }];
  const children = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [
    { path, value },
    ...[...children].flatMap(([key, child]) => places(child, [...path, key as string | number])),
  ];
}

/** The value with another at this place; `undefined` takes the member away. */
function changed(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value)) {
    const list = value.map((item, index) => (index === key ? changed(item, rest, other) : item));
    return list.filter((item) => item !== undefined);
  }
  const members = { ...(value as Record<string, unknown>) };
  const there = changed(members[key], rest, other);
  if (there === undefined) delete members[key];
  else members[key] = there;
  return members;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Objects whose member names are free: figures and digests by name. */
const isOpen = (path: Path) => ['metrics', 'validation', 'subjects'].includes(String(path.at(-1)));

const cases = events.map(({ type, version }) => ({ type, version }));

describe.each(cases)('the event "$type"', ({ type, version }) => {
  const example = exampleOf(type);
  const accepts = outsider(type);
  const ours = (value: unknown) => v.safeParse(detailSchema(type), value).success;

  it('has a schema file that is up to date', () => {
    const file = `contracts/events/${eventFileName(type)}.schema.json`;
    expect(read(file)).toBe(`${JSON.stringify(eventSchemaFiles()[file], null, 2)}\n`);
  });

  it('has an example that its schema and its contract accept, and that is sent as it stands', () => {
    accepts(example);
    expect(accepts.errors).toBeNull();
    expect(v.safeParse(detailSchema(type), example).issues).toBeUndefined();
    const told: Fact = { ...example.metadata, type, version, data: example.data };
    expect(detailOf(told)).toEqual(example);
    expect(fact(type, example.data as never)).toEqual({ type, version, data: example.data });
  });

  it('takes no member that nobody knows, anywhere', () => {
    for (const { path, value } of places(example).filter(({ path, value }) => isObject(value) && !isOpen(path))) {
      const more = changed(example, path, { ...(value as object), unknownMember: 1 });
      expect([ours(more), accepts(more)], path.join('.')).toEqual([false, false]);
    }
  });

  it('takes no detail that lacks a member', () => {
    for (const { path } of places(example).filter(
      ({ path }) => typeof path.at(-1) === 'string' && !isOpen(path.slice(0, -1)),
    )) {
      // How a violating cell looked is said only where it can be without saying the value.
      if (path.at(-1) === 'found') continue;
      const less = changed(example, path, undefined);
      expect([ours(less), accepts(less)], path.join('.')).toEqual([false, false]);
    }
  });

  it('takes no value of another type', () => {
    for (const { path, value } of places(example)) {
      const other =
        typeof value === 'string' ? 7 : typeof value === 'number' ? 'seven' : Array.isArray(value) ? {} : [];
      const wrong = changed(example, path, other);
      expect([ours(wrong), accepts(wrong)], path.join('.')).toEqual([false, false]);
    }
  });

  it('is judged alike by us and by whoever has the schema file, whatever is changed in it', () => {
    const all = places(example);
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        null,
        '',
        'x',
        'x'.repeat(201),
        -1,
        0,
        1.5,
        1e300,
        true,
        [],
        {},
        'f'.repeat(64),
        'F'.repeat(64),
        'dev',
        'prd',
        'copy',
        'passed',
        'AAA=',
        'A',
      ),
      fc.constantFrom(...all.map((place) => place.value)),
    );
    fc.assert(
      fc.property(fc.nat(), value, (n, other) => {
        const { path } = all[n % all.length] as (typeof all)[number];
        const mutant = changed(example, path, other);
        expect(ours(mutant), `${path.join('.')} = ${JSON.stringify(other)}`).toBe(accepts(mutant));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the catalogue', () => {
  it('has one schema and one example for each event, and nothing besides', () => {
    const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.json'));
    const expected = events.flatMap(({ type }) => [
      `${eventFileName(type)}.example.json`,
      `${eventFileName(type)}.schema.json`,
    ]);
    expect(files.sort()).toEqual(expected.sort());
  });

  it('names facts in the past tense, each once', () => {
    const types = events.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    for (const type of types) expect(type).toMatch(/^[A-Z][a-z]+( [A-Z][a-z]+)* ((Rolled Back)|[A-Z][a-z]+ed)$/);
  });

  it('refuses a fact that it does not know', () => {
    const unknown = { ...exampleOf('Model Trained').metadata, type: 'Model Retired', version: 1, data: {} };
    expect(() => detailOf(unknown)).toThrow('no event contract is named "Model Retired"');
    expect(() => fact('Model Retired' as never, {} as never)).toThrow('no event contract is named "Model Retired"');
  });

  it('refuses a fact of another version', () => {
    const { metadata, data } = exampleOf('Model Trained');
    expect(() => detailOf({ ...metadata, type: 'Model Trained', version: 2, data })).toThrow();
  });
});
