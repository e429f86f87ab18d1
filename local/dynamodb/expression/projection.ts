import { type AttributeValue, attribute, type Item } from '../attribute-value.ts';
import { assertDisjoint, type DocumentPath, parseDocumentPath } from './document-path.ts';
import type { Placeholders } from './placeholders.ts';
import { Tokens } from './tokens.ts';

/** A ProjectionExpression: paths, none of which overlap. */
export function parseProjection(text: string, placeholders: Placeholders): readonly DocumentPath[] {
  const tokens = new Tokens('ProjectionExpression', text);
  const paths: DocumentPath[] = [];
  do paths.push(parseDocumentPath(tokens, placeholders));
  while (tokens.takeSymbol(','));
  tokens.expectEnd();
  assertDisjoint(tokens, paths);
  return paths;
}

/** What the paths select of an item. Chosen list elements close up, in their order; what is not there is left out. */
export function project(item: Item, paths: readonly DocumentPath[]): Item {
  const selected = Object.entries(item).flatMap(([name, value]) => {
    const rests = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
    const kept = rests.length === 0 ? undefined : select(value, rests);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return Object.fromEntries(selected);
}

function select(value: AttributeValue, paths: readonly (readonly (string | number)[])[]): AttributeValue | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const restsOf = (step: string | number) => paths.filter((path) => path[0] === step).map((path) => path.slice(1));
  if ('M' in value) {
    const names = new Set(paths.map((path) => path[0]).filter((step) => typeof step === 'string'));
    const kept = [...names].flatMap((name) => {
      const member = attribute(value.M, name);
      const inner = member && select(member, restsOf(name));
      return inner === undefined ? [] : [[name, inner] as const];
    });
    return kept.length === 0 ? undefined : { M: Object.fromEntries(kept) };
  }
  if ('L' in value) {
    const kept = value.L.flatMap((element, at) => {
      const rests = restsOf(at);
      const inner = rests.length === 0 ? undefined : select(element, rests);
      return inner === undefined ? [] : [inner];
    });
    return kept.length === 0 ? undefined : { L: kept };
  }
  return undefined;
}
