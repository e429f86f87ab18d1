import { JsonTokens } from './json-tokens.ts';

/** Which element of which array a value was found in: array number → index. */
export type ArrayMembership = ReadonlyMap<number, number>;

export interface FieldValue {
  /** A string with its quotes, or a number, boolean or null as written. */
  readonly value: string;
  readonly membership: ArrayMembership;
}

/** Path of names, joined by dots → the values found there. Objects in arrays add to the path of the array. */
export type EventFields = ReadonlyMap<string, readonly FieldValue[]>;

/** Throws JsonSyntaxError, or Error when the event is no object. */
export function readEventFields(eventText: string): EventFields {
  const tokens = new JsonTokens(eventText);
  if (tokens.next() !== 'start-object') throw new Error('Event must be a JSON object');
  const fields = new Map<string, FieldValue[]>();
  let arrays = 0;

  const add = (path: string, membership: ArrayMembership) => {
    const value = tokens.type === 'string' ? `"${tokens.text}"` : tokens.text;
    const values = fields.get(path);
    if (values) values.push({ value, membership });
    else fields.set(path, [{ value, membership }]);
  };
  const readObject = (prefix: string, membership: ArrayMembership) => {
    while (tokens.next() !== 'end-object') {
      const path = prefix + tokens.text;
      tokens.next();
      if (tokens.type === 'start-object') readObject(`${path}.`, membership);
      else if (tokens.type === 'start-array') readArray(path, membership);
      else add(path, membership);
    }
  };
  const readArray = (path: string, membership: ArrayMembership) => {
    const array = arrays++;
    for (let index = 0; tokens.next() !== 'end-array'; index++) {
      const inElement = () => new Map([...membership, [array, index]]);
      if (tokens.type === 'start-object') readObject(`${path}.`, inElement());
      else if (tokens.type === 'start-array') readArray(path, inElement());
      // A plain value of an array is of no element: two fields may take it from different ones.
      else add(path, membership);
    }
  };

  readObject('', new Map());
  return fields;
}

/** Both memberships together, or undefined when they need different elements of one array. */
export function mergeMembership(soFar: ArrayMembership, field: ArrayMembership): ArrayMembership | undefined {
  let merged: Map<number, number> | undefined;
  for (const [array, index] of field) {
    const taken = soFar.get(array);
    if (taken === undefined) {
      merged ??= new Map(soFar);
      merged.set(array, index);
    } else if (taken !== index) {
      return undefined;
    }
  }
  return merged ?? soFar;
}
