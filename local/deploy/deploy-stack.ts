import type { JsonObject } from '../service.ts';
import type { Store } from '../store/store.ts';
import { Artifacts, fingerprint } from './artifacts.ts';
import { evaluate, IntrinsicFailed, type Scope } from './intrinsics.ts';
import { type Plan, planDeployment } from './plan.ts';
import type { DeployedResource, ResourceHandler } from './resource.ts';
import { type StackResource, StackState } from './stack-state.ts';
import { readTemplate } from './template.ts';

export interface DeployStackOptions {
  readonly stackName: string;
  /** A packaged deployment: `cloudformation-template-update-stack.json` and the zip files that it names. */
  readonly templateDirectory: string;
  readonly accountId: string;
  readonly region: string;
  readonly handlers: readonly ResourceHandler[];
  readonly store: Store;
  readonly parameters?: Readonly<Record<string, string>>;
}

export type ChangeAction = 'created' | 'updated' | 'replaced' | 'deleted' | 'retained';

export interface Change {
  readonly logicalId: string;
  readonly type: string;
  readonly action: ChangeAction;
}

export interface StackDeployment {
  /** What was done, in order. Empty when the stack already was as the template says. */
  readonly changes: readonly Change[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** A resource could not be made, changed or deleted. What was done before it stands; deploying again goes on from there. */
export class DeploymentFailed extends Error {
  override readonly name = 'DeploymentFailed';
  readonly logicalId: string;

  constructor(logicalId: string, doing: string, cause: unknown) {
    super(`${logicalId} could not be ${doing}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.logicalId = logicalId;
  }
}

/**
 * Brings a stack to what its packaged template says: makes, changes and replaces in dependency order, then deletes what left the template,
 * last made first. Each resource is written down as soon as it stands, so a deployment that was cut off is finished by
 * running it again.
 *
 * Throws TemplateRefused before anything is changed, DeploymentFailed when a resource refuses. Unlike CloudFormation it does not roll back.
 */
export async function deployStack(options: DeployStackOptions): Promise<StackDeployment> {
  const handlers = new Map(options.handlers.map((handler) => [handler.type, handler]));
  const artifacts = new Artifacts(options.templateDirectory);
  const plan = planDeployment({
    stackName: options.stackName,
    accountId: options.accountId,
    region: options.region,
    template: readTemplate(options.templateDirectory),
    parameters: options.parameters ?? {},
    hasArtifact: (s3Key) => artifacts.has(s3Key),
    handlers,
  });
  const state = new StackState(options.store, options.stackName);
  const deployment = new Deployment(options.stackName, plan, handlers, artifacts, state);
  await deployment.makeResources();
  await deployment.deleteWhatIsLeft();
  return { changes: deployment.changes, outputs: deployment.recordOutputs() };
}

/** What the last deployment of a stack gave out; undefined when there was none. */
export function stackOutputs(store: Store, stackName: string): Readonly<Record<string, string>> | undefined {
  const state = new StackState(store, stackName);
  return state.resources().size === 0 ? undefined : state.outputs();
}

class Deployment {
  readonly changes: Change[] = [];
  readonly #stackName: string;
  readonly #plan: Plan;
  readonly #handlers: ReadonlyMap<string, ResourceHandler>;
  readonly #artifacts: Artifacts;
  readonly #state: StackState;
  readonly #before: ReadonlyMap<string, StackResource>;
  readonly #made = new Map<string, DeployedResource>();
  readonly #scope: Scope;

  constructor(
    stackName: string,
    plan: Plan,
    handlers: ReadonlyMap<string, ResourceHandler>,
    artifacts: Artifacts,
    state: StackState,
  ) {
    this.#stackName = stackName;
    this.#plan = plan;
    this.#handlers = handlers;
    this.#artifacts = artifacts;
    this.#state = state;
    this.#before = state.resources();
    this.#scope = {
      condition: plan.holds,
      findInMap: plan.findInMap,
      ref: (name) => plan.parameter(name) ?? this.#resource(name).physicalId,
      getAtt: (logicalId, attribute) => {
        const value = this.#resource(logicalId).attributes[attribute];
        if (value === undefined) throw new IntrinsicFailed(`${logicalId} has no attribute ${attribute} here`);
        return value;
      },
    };
  }

  async makeResources(): Promise<void> {
    for (const [position, logicalId] of this.#plan.order.entries()) await this.#make(logicalId, position);
  }

  /** First what was replaced, then what left the template. */
  async deleteWhatIsLeft(): Promise<void> {
    for (const leftover of this.#state.leftovers()) {
      await this.#delete(leftover);
      this.#state.forgetLeftover(leftover);
    }
    const gone = [...this.#before.values()].filter(({ logicalId }) => !this.#made.has(logicalId));
    for (const resource of gone.sort((left, right) => right.position - left.position)) {
      const kept = resource.deletionPolicy !== 'Delete';
      if (!kept) await this.#delete(resource);
      this.#state.forget(resource.logicalId);
      this.#changed(resource.logicalId, resource.type, kept ? 'retained' : 'deleted');
    }
  }

  recordOutputs(): Readonly<Record<string, string>> {
    const { Outputs } = this.#plan.template;
    const outputs = Object.fromEntries(
      this.#plan.outputs.map((name) => [name, String(this.#resolve(`output ${name}`, Outputs[name]?.Value))]),
    );
    this.#state.setOutputs(outputs);
    return outputs;
  }

  async #make(logicalId: string, position: number): Promise<void> {
    const resource = this.#plan.template.Resources[logicalId];
    const handler = resource && this.#handlers.get(resource.Type);
    if (!resource || !handler) throw new Error(`${logicalId} is planned and has no handler`);
    const before = this.#before.get(logicalId);
    if (before && before.type !== resource.Type) {
      const change = `${before.type} cannot become ${resource.Type}; give the new resource another logical id`;
      throw new DeploymentFailed(logicalId, 'changed', change);
    }
    const properties = this.#resolve(logicalId, resource.Properties ?? {}) as JsonObject;
    const record = {
      logicalId,
      type: resource.Type,
      properties,
      fingerprint: fingerprint(resource.Type, properties, this.#artifacts),
      deletionPolicy: resource.DeletionPolicy ?? 'Delete',
      position,
    };
    if (before?.fingerprint === record.fingerprint) {
      this.#made.set(logicalId, before);
      const moved = before.position !== position || before.deletionPolicy !== record.deletionPolicy;
      if (moved) this.#state.record({ ...before, position, deletionPolicy: record.deletionPolicy });
      return;
    }

    let deployed: DeployedResource;
    try {
      deployed = await handler.put({
        stackName: this.#stackName,
        logicalId,
        properties,
        artifact: (s3Key) => this.#artifacts.read(s3Key),
        ...(before ? { previous: { physicalId: before.physicalId, properties: before.properties } } : {}),
      });
    } catch (error) {
      throw new DeploymentFailed(logicalId, before ? 'changed' : 'made', error);
    }
    const isReplaced = before !== undefined && before.physicalId !== deployed.physicalId;
    const oneToDelete = isReplaced && (resource.UpdateReplacePolicy ?? 'Delete') === 'Delete' ? before : undefined;
    this.#state.record({ ...record, ...deployed }, oneToDelete);
    this.#made.set(logicalId, deployed);
    this.#changed(logicalId, resource.Type, isReplaced ? 'replaced' : before ? 'updated' : 'created');
  }

  #resolve(where: string, value: unknown): unknown {
    try {
      return evaluate(value, this.#scope);
    } catch (error) {
      throw new DeploymentFailed(where, 'resolved', error);
    }
  }

  async #delete({
    logicalId,
    type,
    physicalId,
  }: {
    logicalId: string;
    type: string;
    physicalId: string;
  }): Promise<void> {
    const handler = this.#handlers.get(type);
    if (!handler) throw new DeploymentFailed(logicalId, 'deleted', `${type} is not done here any more`);
    try {
      await handler.delete(physicalId);
    } catch (error) {
      throw new DeploymentFailed(logicalId, 'deleted', error);
    }
  }

  #resource(logicalId: string): DeployedResource {
    const made = this.#made.get(logicalId);
    if (!made) throw new IntrinsicFailed(`${logicalId} is not there yet`);
    return made;
  }

  #changed(logicalId: string, type: string, action: ChangeAction): void {
    this.changes.push({ logicalId, type, action });
  }
}
