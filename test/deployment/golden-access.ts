import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessNeed } from '../support/access-need.ts';
import type { AccessRequest } from './access-world.ts';
import { accounts, type Stage, stages } from './packaged.ts';

/** A need, and the environments in which the deployment must meet it: everywhere else it must be denied. */
export interface GoldenRow extends Omit<AccessNeed, 'environment'> {
  readonly environments: readonly Stage[];
  /** Why it is needed, where no run of the journeys comes to it. */
  readonly because?: string;
}

export const goldenAccess = (): readonly GoldenRow[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'golden-access.json'), 'utf8')) as GoldenRow[];

/**
 * The same deployment runs in every environment, so what is needed in one is needed in each that has what it is about: a predecessor, a
 * next one. Two things are for the first or the later ones alone.
 */
export function environmentsOf({ who, action, resource, context }: Omit<GoldenRow, 'environments'>): readonly Stage[] {
  const text = JSON.stringify([resource, context]);
  if (text.includes('<predecessor')) return ['acc', 'prd'];
  if (
    text.includes('<next') ||
    who === 'forward-promotion-requests' ||
    resource.endsWith('forward-promotion-requests')
  ) {
    return ['dev', 'acc'];
  }
  // Into a later environment a recipe comes by promotion.
  if (who === 'engineer' && action === 's3:PutObject' && resource.includes('/incoming/')) return ['dev'];
  return stages;
}

/** A row as it is asked in one environment. */
export function requestOf(
  { who, action, resource, context }: Omit<GoldenRow, 'environments'>,
  stage: Stage,
): AccessRequest {
  const at = stages.indexOf(stage);
  const names: Readonly<Record<string, Stage | undefined>> = {
    env: stage,
    predecessor: stages[at - 1],
    next: stages[at + 1],
  };
  const absolute = (text: string) =>
    text
      .replace(/<(env|predecessor|next)>/g, (_, token: string) => names[token] ?? 'none')
      .replace(/<(account|predecessorAccount|nextAccount)>/g, (_, token: string) => {
        const name = names[token === 'account' ? 'env' : token.replace('Account', '')];
        return name === undefined ? '000000000000' : accounts[name];
      });
  return {
    stage,
    who,
    action,
    resource: absolute(resource),
    context: Object.fromEntries(Object.entries(context).map(([key, value]) => [key, absolute(value)])),
  };
}
