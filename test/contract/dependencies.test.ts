import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
const decision = readFileSync(join(ROOT, 'docs', 'decisions', '0009-dependencies.md'), 'utf8');

/** Package → reason, of the table under a heading. */
const reasons = (heading: string): Record<string, string> => {
  const section = decision.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return Object.fromEntries([...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name, why]) => [name, why]));
};

describe.each(['dependencies', 'devDependencies', 'optionalDependencies'])('the %s of package.json', (kind) => {
  const installed = manifest[kind] ?? {};

  it('each have their reason in decision 0009, and it names no others', () => {
    expect(Object.keys(reasons(kind)).sort()).toEqual(Object.keys(installed).sort());
  });

  it('are exact versions', () => {
    for (const [name, version] of Object.entries(installed)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
