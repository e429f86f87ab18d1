import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Change } from '../../domain/change.ts';
import type { Arrival, DatasetVersion } from '../../domain/dataset.ts';
import { RegistryConflict, RegistryUnavailable } from '../../domain/errors.ts';
import type { Fact } from '../../domain/fact.ts';
import type { Comparison, Deployment, ModelVersion } from '../../domain/model-version.ts';
import type { AuditQuery, Commit, CommitResult, Registry } from '../../domain/ports/registry.ts';
import type { Approval, Evidence, Promotion } from '../../domain/promotion.ts';
import type { Recipe } from '../../domain/recipe.ts';

interface Write {
  readonly key: string;
  readonly value: unknown;
  /** Whether what is there now lets it be written. */
  readonly holds?: (there: unknown) => boolean;
}

const absent = (there: unknown): boolean => there === undefined;
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const copy = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)));

function writesOf(change: Change): Write[] {
  switch (change.change) {
    case 'record-arrival': {
      const { model, arrivalId } = change.arrival;
      return [
        { key: `model|${model}`, value: model },
        { key: `arrival|${model}|${arrivalId}`, value: change.arrival },
      ];
    }
    case 'accept-recipe': {
      const { recipe, current } = change;
      return [
        { key: `model|${recipe.model}`, value: recipe.model },
        { key: `recipe|${recipe.model}|${recipe.recipeDigest}`, value: recipe },
        ...(current ? [{ key: `current-recipe|${recipe.model}`, value: recipe }] : []),
      ];
    }
    case 'put-dataset':
      return [{ key: `dataset|${change.dataset.model}|${change.dataset.datasetDigest}`, value: change.dataset }];
    case 'register-version': {
      const { model, version, modelDigest } = change.version;
      return [
        { key: `version|${model}|${version}`, value: change.version, holds: absent },
        { key: `digest|${model}|${modelDigest}`, value: version, holds: absent },
      ];
    }
    case 'put-comparison':
      return [{ key: `comparison|${change.model}|${change.comparison.modelDigest}`, value: change.comparison }];
    case 'open-promotion':
      return [{ key: `promotion|${change.promotion.promotionId}`, value: change.promotion, holds: absent }];
    case 'update-promotion': {
      const { promotion, from } = change;
      const holds = (there: unknown) => there !== undefined && from.includes((there as Promotion).status);
      return [{ key: `promotion|${promotion.promotionId}`, value: promotion, holds }];
    }
    case 'put-evidence':
      return [{ key: `evidence|${change.evidence.promotionId}|${change.evidence.test}`, value: change.evidence }];
    case 'put-approval': {
      const { approval } = change;
      return [{ key: `approval|${approval.promotionId}|${approval.by}`, value: approval, holds: absent }];
    }
    case 'move-pointer': {
      const { deployment, expectedRevision } = change;
      const holds = (there: unknown) =>
        expectedRevision === 0 ? absent(there) : (there as Deployment | undefined)?.revision === expectedRevision;
      return [{ key: `deployment|${deployment.model}`, value: deployment, holds }];
    }
  }
}

/** The Registry port in memory, with every condition of the real one; `registryContract` holds both to the same behaviour. */
export class InMemoryRegistry implements Registry {
  readonly #items = new Map<string, unknown>();
  readonly #audits = new Map<string, { readonly audit: AuditEvent; readonly output: unknown }>();
  readonly #outbox = new Map<string, Fact>();
  #failures: { readonly error: Error; readonly after: boolean }[] = [];

  /** The next commit writes nothing and is not known to have happened. */
  failNextCommit(error: Error = new RegistryUnavailable('the registry did not answer')): void {
    this.#failures.push({ error, after: false });
  }

  /** The next commit is written, and its answer is lost. */
  loseNextAnswer(error: Error = new RegistryUnavailable('the registry did not answer')): void {
    this.#failures.push({ error, after: true });
  }

  /** What was told, each fact once, in the order of first telling. */
  get facts(): readonly Fact[] {
    return [...this.#outbox.values()].map(copy);
  }

  get audits(): readonly AuditEvent[] {
    return [...this.#audits.values()].map(({ audit }) => copy(audit));
  }

  /** Everything but facts and audit events, to compare before with after. */
  get state(): Readonly<Record<string, unknown>> {
    return copy(Object.fromEntries([...this.#items].sort(([a], [b]) => byText(a, b))));
  }

  /** Writes as a step would, without one. */
  seed(...changes: Change[]): void {
    for (const { key, value } of changes.flatMap(writesOf)) this.#items.set(key, copy(value));
  }

  #get<T>(...parts: (string | number)[]): T | undefined {
    return copy(this.#items.get(parts.join('|')) as T | undefined);
  }

  #all<T>(prefix: string): T[] {
    return [...this.#items]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => byText(a, b))
      .map(([, value]) => copy(value as T));
  }

  async arrival(model: string, arrivalId: string) {
    return this.#get<Arrival>('arrival', model, arrivalId);
  }
  async latestArrival(model: string) {
    const all = this.#all<Arrival>(`arrival|${model}|`);
    return all.sort((a, b) => byText(b.arrivedAt, a.arrivedAt) || byText(b.arrivalId, a.arrivalId))[0];
  }
  async currentRecipe(model: string) {
    return this.#get<Recipe>('current-recipe', model);
  }
  async recipe(model: string, recipeDigest: string) {
    return this.#get<Recipe>('recipe', model, recipeDigest);
  }
  async dataset(model: string, datasetDigest: string) {
    return this.#get<DatasetVersion>('dataset', model, datasetDigest);
  }
  async modelVersion(model: string, modelDigest: string) {
    const version = this.#get<number>('digest', model, modelDigest);
    return version === undefined ? undefined : this.#get<ModelVersion>('version', model, version);
  }
  async modelVersions(model: string) {
    return this.#all<ModelVersion>(`version|${model}|`).sort((a, b) => b.version - a.version);
  }
  async comparison(model: string, modelDigest: string) {
    return this.#get<Comparison>('comparison', model, modelDigest);
  }
  async deployment(model: string) {
    return this.#get<Deployment>('deployment', model);
  }
  async models() {
    return this.#all<string>('model|');
  }
  async promotion(promotionId: string) {
    return this.#get<Promotion>('promotion', promotionId);
  }
  async promotions(model: string) {
    return this.#all<Promotion>('promotion|')
      .filter(({ request }) => request.model === model)
      .sort((a, b) => byText(b.startedAt, a.startedAt) || byText(b.promotionId, a.promotionId));
  }
  async evidence(promotionId: string) {
    return this.#all<Evidence>(`evidence|${promotionId}|`);
  }
  async approvals(promotionId: string) {
    return this.#all<Approval>(`approval|${promotionId}|`);
  }

  async auditEvents(query: AuditQuery) {
    return this.audits
      .filter(
        (audit) =>
          'environment' in query || ('runId' in query ? audit.runId === query.runId : audit.model === query.model),
      )
      .sort((a, b) => byText(a.at, b.at) || byText(a.key, b.key));
  }

  async commit({ changes, facts, audit, lost, output }: Commit): Promise<CommitResult> {
    const failure = this.#failures.shift();
    if (failure && !failure.after) throw failure.error;

    const place = ({ runId, function: name, key }: AuditEvent) => `${runId ?? name}|${key}`;
    const before = this.#audits.get(place(audit));
    if (before) return { committed: false, output: copy(before.output) };
    const writes = changes.flatMap(writesOf);
    const broken = writes.find(({ key, holds }) => holds && !holds(this.#items.get(key)));
    if (broken) throw new RegistryConflict(`${broken.key} was changed by somebody else`);
    if (lost.some((one) => this.#audits.has(place(one)))) throw new RegistryConflict('a lost attempt is known already');

    for (const { key, value } of writes) this.#items.set(key, copy(value));
    for (const fact of facts) this.#outbox.set(fact.id, copy(fact));
    this.#audits.set(place(audit), { audit: copy(audit), output: copy(output ?? null) });
    for (const one of lost) this.#audits.set(place(one), { audit: copy(one), output: null });
    if (failure) throw failure.error;
    return { committed: true };
  }
}
