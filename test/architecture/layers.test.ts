import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layerRules, testRule } from './layer-rules.ts';
import { allFiles, codeOf, type ImportStatement, importsOf, root, sourceFiles } from './source-files.ts';

type Manifest = Record<'dependencies' | 'devDependencies', Record<string, string>>;

const files = sourceFiles();
const product = files.filter(({ isTest }) => !isTest);

describe('every import', () => {
  it('goes the way that the layers go', () => {
    const violations = product.flatMap((file) => {
      const rule = layerRules.find((each) => each.files.test(file.path));
      if (!rule) return [`${file.path} belongs to no layer: add it to layer-rules.ts`];
      const self = file.path.slice(0, file.path.lastIndexOf('/') + 1);
      const folders = (list: readonly string[]) =>
        list.map((folder) => (folder === '{self}' ? ownFolder(self) : folder));
      const isAllowed = ({ specifier, target, isTypeOnly }: ImportStatement) => {
        if (target !== undefined) {
          const allowed = [...folders(rule.ours), ...(isTypeOnly ? folders(rule.typesOnly ?? []) : [])];
          return allowed.some((folder) => target.startsWith(folder));
        }
        return specifier.startsWith('node:') ? rule.node : isTypeOnly || rule.packages.test(specifier);
      };
      return file.imports
        .filter((each) => !isAllowed(each))
        .map((each) => `${file.path} imports ${each.specifier}: ${rule.because}`);
    });
    expect(violations).toEqual([]);
  });

  it('of a test stays in local/ where the test is of local/', () => {
    const violations = files
      .filter(({ path, isTest }) => isTest && testRule.of.test(path))
      .flatMap((file) =>
        file.imports
          .filter(({ target }) => target && !testRule.ours.some((folder) => target.startsWith(folder)))
          .map(({ specifier }) => `${file.path} imports ${specifier}: ${testRule.because}`),
      );
    expect(violations).toEqual([]);
  });

  it('names the file with its ending, and a file that is there', () => {
    const paths = new Set(allFiles());
    const broken = files
      .filter(({ path }) => path !== 'test/architecture/layers.test.ts')
      .flatMap((file) =>
        file.imports
          .filter(({ target }) => target !== undefined && !paths.has(target))
          .map(({ specifier }) => `${file.path} imports ${specifier}`),
      );
    expect(broken).toEqual([]);
  });

  it('of a package is of one that package.json names', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
    const named = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    const isNamed = (specifier: string) =>
      named.some((name) => specifier === name || specifier.startsWith(`${name}/`) || name === `@types/${specifier}`);
    const unnamed = files.flatMap((file) =>
      file.imports
        .filter(
          ({ specifier, target }) => target === undefined && !specifier.startsWith('node:') && !isNamed(specifier),
        )
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(unnamed).toEqual([]);
  });
});

it('the AWS SDK is imported in adapters/, in tests, and where a user is played (cli/, scripts/, bench/): everything else reaches AWS through a port', () => {
  const users = product.filter(({ imports }) => imports.some(({ specifier }) => specifier.startsWith('@aws-sdk/')));
  expect(users.map(({ path }) => path).filter((path) => !/^(adapters|cli|scripts|bench)\//.test(path))).toEqual([]);
});

it('there is no clock, no randomness and no surroundings in domain/ and ml/: the same arguments give the same answer', () => {
  const IMPURE =
    /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\.(?:now|mark|timeOrigin)\b|\bcrypto\b|\b(?:setTimeout|setInterval|setImmediate)\b|\bprocess\.|\bfetch\(|\bconsole\.|\bglobalThis\b/g;
  const violations = product
    .filter(({ path }) => /^(domain|ml)\//.test(path))
    .flatMap(({ path, text }) => [...codeOf(text).matchAll(IMPURE)].map(([use]) => `${path}: ${use}`));
  expect(violations).toEqual([]);
});

it('a file is named in kebab-case for its one concept, and none is a drawer for things without a name', () => {
  const wrong = files
    .map(({ path }) => path)
    .filter((path) => !/^(?:[a-z0-9-]+\/)+[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|fuzz|perf))?\.(?:ts|mjs)$/.test(path));
  expect(wrong).toEqual([]);
  const drawers = allFiles().filter((path) => /(?:^|[/.-])(?:utils?|helpers?|common|misc)(?=[/.-])/.test(path));
  expect(drawers).toEqual([]);
});

it('a handler is at most 20 lines long beside its imports: it wires, and its step decides', () => {
  const wiring = (text: string) => text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('import '));
  const long = product.filter(
    ({ path, text }) => /^functions\/[^/]+\/handler\.ts$/.test(path) && wiring(text).length > 20,
  );
  expect(long.map(({ path }) => path)).toEqual([]);
});

it('a folder of functions/ has a handler and a step', () => {
  const paths = new Set(files.map(({ path }) => path));
  const folders = new Set(
    [...paths]
      .map((path) => /^functions\/([^/]+)\//.exec(path)?.[1])
      .filter((name) => name !== undefined && name !== 'shared'),
  );
  const incomplete = [...folders].filter(
    (name) => !paths.has(`functions/${name}/handler.ts`) || !paths.has(`functions/${name}/step.ts`),
  );
  expect(incomplete).toEqual([]);
});

describe('the import scanner', () => {
  it.each<[string, readonly [string, boolean][]]>([
    ["import { a } from './a.ts';", [['./a.ts', false]]],
    ["import type { A } from './a.ts';", [['./a.ts', true]]],
    ["import { type A, type B } from './a.ts';", [['./a.ts', true]]],
    ["import { a, type B } from './a.ts';", [['./a.ts', false]]],
    ["import {\n  a,\n  b as c,\n} from 'pkg';", [['pkg', false]]],
    ["import 'effect';", [['effect', false]]],
    ["import * as all from 'node:fs';", [['node:fs', false]]],
    [
      "export * from './a.ts';\nexport { b } from './b.ts';",
      [
        ['./a.ts', false],
        ['./b.ts', false],
      ],
    ],
    ["const a = await import('./late.ts');", [['./late.ts', false]]],
    ["export const from = 'nowhere';\nexport type A = 'x';", []],
    [" * import { a } from './in-a-comment.ts';", []],
  ])('reads %j', (text, expected) => {
    expect(importsOf('x/y.ts', text).map(({ specifier, isTypeOnly }) => [specifier, isTypeOnly])).toEqual(expected);
  });

  it('does not see code in comments and strings', () => {
    expect(codeOf("a(); // Date.now()\n/* Math.random */ b('performance.now');")).toBe("a(); \n b('');");
  });
});

/** `functions/snapshot-dataset/`, `examples/credit-risk/`: the first folder below the top one. */
const ownFolder = (folder: string): string => `${folder.split('/').slice(0, 2).join('/')}/`;
