import { describe, expect, it } from 'vitest';
import { PathNotFound, readPath, writePath } from './jsonpath.ts';
import { JsonPathSyntaxError } from './jsonpath-syntax.ts';

const scope = {
  input: { a: { 'b c': [10, 20, 30] }, books: [{ price: 5, tag: 'x' }, { price: 15 }], empty: [] },
  context: { Execution: { Name: 'run' } },
  variable: (name: string) => (name === 'seen' ? { n: 1 } : undefined),
};

describe('a JSONPath', () => {
  it.each([
    ['$', scope.input],
    ['$$.Execution.Name', 'run'],
    ['$seen.n', 1],
    ["$.a['b c'][-1]", 30],
    ["$['a']['b c'][0:2]", [10, 20]],
    ['$.books[*].price', [5, 15]],
    ['$..price', [5, 15]],
    ['$.books[?(@.price > 10)].price', [15]],
    ["$.books[?(@.tag == 'x' || @.price == 15)].price", [5, 15]],
    ['$.books[?(!@.tag)]', [{ price: 15 }]],
    ['$.books.length()', 2],
    ["$.a.['b c'][0]", 10],
    ["$.a['b c'][0:3:2]", [10, 30]],
    ["$.a['b c'][-2:]", [20, 30]],
    ["$.a['b c'][:-1]", [10, 20]],
    ["$.a['b c'][0,2]", [10, 30]],
    ["$.a['b c'][7:9]", []],
    ['$.books[0].*', [5, 'x']],
    ["$.books[0]['price','tag']", [{ price: 5, tag: 'x' }]],
    ["$.books[?(@.tag in ['x','y'])].price", [5]],
    ['$.books[?(@.price nin [5])].price', [15]],
    ['$.books[?(@.tag =~ /X/i)].price', [5]],
    ['$.books[?(@.price == $.a["b c"][0])]', []],
    ["$.a['b c'][?(@ >= 20)]", [20, 30]],
    ["$.a['b c'].max()", 30],
    ["$.a['b c'].avg()", 20],
    ['$.books[*].price.length()', 2],
    ['$.empty[*]', []],
  ])('%s leads to %j', (path, value) => {
    expect(readPath(path, scope)).toEqual(value);
  });

  it.each([
    ['$.no', "No results for path: $['no']"],
    ['$.no.such', "Missing property in path $['no']"],
    ['$.books[7]', "No results for path: $['books'][7]"],
    ['$unset', "Missing property in path $['unset']"],
    ['$.empty.sum()', 'Function sum() attempted to calculate value using empty array'],
    ['$.books.median()', 'Function with name: median does not exist.'],
  ])('%s leads nowhere: %s', (path, message) => {
    expect(() => readPath(path, scope)).toThrow(new PathNotFound(message));
  });

  it.each([
    '',
    'a',
    '$.',
    '$.[',
    "$['a",
    '$.a[',
    '$.books[?(@.a',
    '$.books[?(@.a =~ /[/)]',
    '$.books[?(@.a in [x])]',
    '$.a b',
  ])('%j is none', (path) => {
    expect(() => readPath(path, scope)).toThrow(JsonPathSyntaxError);
  });

  it('as a reference path makes the objects on its way, and changes nothing of the original', () => {
    const target = { a: 1 };
    expect(writePath('$.x.y', target, 2)).toEqual({ result: { a: 1, x: { y: 2 } } });
    expect(target).toEqual({ a: 1 });
    expect(writePath('$.a.b', target, 2)).toBeUndefined();
  });
});
