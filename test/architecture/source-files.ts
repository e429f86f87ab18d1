import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly imports: readonly ImportStatement[];
}

export interface ImportStatement {
  /** `../domain/gates.ts`, `node:fs`, `@aws-sdk/client-s3` */
  readonly specifier: string;
  /** Gone when the code runs. */
  readonly isTypeOnly: boolean;
  /** Of a relative import: the path from the root of the repository. */
  readonly target: string | undefined;
}

const FOLDERS = [
  'adapters',
  'bench',
  'cli',
  'contracts',
  'domain',
  'examples',
  'functions',
  'local',
  'ml',
  'scripts',
  'test',
];

/** Every TypeScript and JavaScript file of the repository's own. */
export const sourceFiles = (): SourceFile[] =>
  FOLDERS.flatMap((folder) => filesBelow(folder))
    .filter((path) => /\.(ts|mts|js|mjs)$/.test(path))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return {
        path,
        text,
        isTest: /\.(test|fuzz|perf)\.ts$/.test(path) || path.startsWith('test/'),
        imports: importsOf(path, text),
      };
    });

/** Every file below the repository's own folders, whatever its kind. */
export const allFiles = (): string[] =>
  [...FOLDERS, 'deploy', 'docs', 'statemachines'].flatMap((folder) => filesBelow(folder));

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** A clause has only names, braces, commas and stars, so no other statement can be taken for one. */
const STATEMENT = /^[ \t]*(?:import|export)\s+(type\s+)?(?:([\w\s{},*$]+?)\s+from\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

export function importsOf(path: string, text: string): ImportStatement[] {
  const statements = [...text.matchAll(STATEMENT)].map(([, type, clause, specifier = '']) => ({
    specifier,
    isTypeOnly: type !== undefined || isTypeClause(clause),
    target: targetOf(path, specifier),
  }));
  const dynamic = [...text.matchAll(DYNAMIC)].map(([, specifier = '']) => ({
    specifier,
    isTypeOnly: false,
    target: targetOf(path, specifier),
  }));
  return [...statements, ...dynamic];
}

/** `{ type A, type B }` */
function isTypeClause(clause: string | undefined): boolean {
  const names = /^\{([^}]*)\}$/
    .exec(clause?.trim() ?? '')?.[1]
    ?.split(',')
    .filter((name) => name.trim() !== '');
  return names !== undefined && names.length > 0 && names.every((name) => /^\s*type\s/.test(name));
}

function targetOf(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return join(path, '..', specifier).replaceAll('\\', '/');
}

/** The text with comments and the contents of strings blanked out, so that a word in them is no use of it. */
export const codeOf = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (part) =>
    part.startsWith('/') ? '' : "''",
  );
