import { appendFileSync } from 'node:fs';
import { type Environment, environments } from '../../domain/environment.ts';
import type { AccessDecision } from '../../local/iam/access.ts';
import { accountOf } from '../../scripts/local-environments.ts';

/**
 * One thing that a role, or a service for a resource of the deployment, asked to do and may. What differs from run to run (keys,
 * digests, run ids) is left out, and environments stand as seen from the one that asks: `<env>`, `<account>`, `<next>`,
 * `<predecessor>` and their accounts.
 */
export interface AccessNeed {
  readonly environment: Environment;
  /** `train-model` (a role), `events.amazonaws.com` (a service by itself). */
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  /** The condition keys that any policy of the deployment asks for. */
  readonly context: Readonly<Record<string, string>>;
}

/** Undefined for a decision that is about no role of the deployment, or that said no. */
export function needOf({ call, action, resourceArn, judgement, context }: AccessDecision): AccessNeed | undefined {
  const { principal } = call;
  const environment = environmentOf(principal.accountId);
  const role = /:role\/sluice-[a-z]+-([\w-]+)$/.exec(principal.roleArn ?? '')?.[1];
  const who = principal.kind === 'service' ? principal.arn : role;
  if (!judgement.allowed || environment === undefined || who === undefined || isOfTests(resourceArn)) return undefined;
  const aliases = context.get('kms:resourcealiases');
  const alias = Array.isArray(aliases) ? aliases.find((name) => name.startsWith('alias/sluice-')) : undefined;
  const keyed = alias === undefined ? resourceArn : resourceArn.replace(/key\/.*$/, `key/<${alias.split('-').at(-1)}>`);
  const resource = relative(withoutNames(keyed), environment);
  const asked = CONTEXT.flatMap((key) => {
    const value = context.get(key.toLowerCase());
    return typeof value === 'string' ? [[key, relative(value, environment)] as const] : [];
  });
  return {
    environment,
    who,
    action,
    resource,
    context: Object.fromEntries(asked.filter((entry) => matters(entry, principal.kind === 'service', resource))),
  };
}

/** What tests hang on the deployment's bus to hear it (`test/faults/bus-listener.ts`). */
const isOfTests = (resourceArn: string): boolean => resourceArn.endsWith(':a-subscriber');

/** A role's policies ask for no source, and only another account's bus asks what an event is. */
function matters([key, value]: readonly [string, string], isService: boolean, resource: string): boolean {
  if (key.startsWith('aws:')) return isService;
  if (key.startsWith('events:')) return /<(next|predecessor)/.test(resource);
  return key !== 'lambda:InvokedViaFunctionUrl' || value === 'true';
}

const CONTEXT = [
  'aws:SourceAccount',
  'aws:SourceArn',
  'events:detail-type',
  'events:source',
  'kms:RequestAlias',
  'kms:ViaService',
  'lambda:FunctionUrlAuthType',
  'lambda:InvokedViaFunctionUrl',
];

const environmentOf = (accountId: string): Environment | undefined =>
  environments.find((environment) => accountOf[environment] === accountId);

/** What is chosen at run time: keys of objects below their first folder, runs, streams. */
const withoutNames = (arn: string): string =>
  arn
    .replace(/^(arn:aws:s3:::sluice-\w+-artifacts-\d+\/[^/]+)\/.+$/s, '$1/<key>')
    .replace(/^(arn:aws:s3:::sluice-\w+-data-\d+)\/.+$/s, '$1/<key>')
    .replace(/(:execution:[\w-]+):.+$/, '$1:<run>')
    .replace(/(\/stream\/).+$/, '$1<label>')
    .replace(/(:log-stream:).+$/, '$1<stream>');

function relative(text: string, environment: Environment): string {
  const at = environments.indexOf(environment);
  const names = { env: environments[at], predecessor: environments[at - 1], next: environments[at + 1] };
  let result = text;
  for (const [token, name] of Object.entries(names)) {
    if (name === undefined) continue;
    const accountToken = token === 'env' ? '<account>' : `<${token}Account>`;
    result = result
      .replaceAll(accountOf[name], accountToken)
      .replace(new RegExp(`\\bsluice-${name}\\b`, 'g'), `sluice-<${token}>`);
  }
  return result;
}

/** Collects needs, each once. `SLUICE_RECORD_ACCESS` names a file that every world adds its own to (`npm run golden-access`). */
export class AccessRecorder {
  readonly #needs = new Map<string, AccessNeed>();

  readonly observe = (decision: AccessDecision): void => {
    const need = needOf(decision);
    if (need) this.#needs.set(JSON.stringify(need), need);
  };

  needs(): readonly AccessNeed[] {
    return [...this.#needs.values()];
  }

  /** Whether there was a file to add them to. */
  save(): boolean {
    const file = process.env.SLUICE_RECORD_ACCESS;
    if (file === undefined) return false;
    appendFileSync(file, [...this.#needs.keys()].map((line) => `${line}\n`).join(''));
    return true;
  }
}
