import type { Context } from 'aws-lambda';
import type * as v from 'valibot';
import { sha256, sha256OfStream } from '../../adapters/system/sha256.ts';
import { createObjectTables } from '../../adapters/tables/object-tables.ts';
import { sealRecipe } from '../../contracts/recipe/recipe-bundle.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import type { PromotionRequest } from '../../domain/candidate.ts';
import { type Environment, predecessorOf } from '../../domain/environment.ts';
import type { Endpoint, PredictResponse } from '../../domain/ports/endpoint.ts';
import type { Trigger } from '../../domain/trigger.ts';
import { predict } from '../../functions/predict/step.ts';
import { type BusEvent, defineConsumer } from '../../functions/shared/define-consumer.ts';
import { defineStep } from '../../functions/shared/define-step.ts';
import { InMemoryObjects } from './in-memory-objects.ts';
import { InMemoryRegistry } from './in-memory-registry.ts';
import { type LoanModelOptions, loanCsv, loanModelYaml } from './loan-model.ts';
import { p256Signer } from './p256-signer.ts';
import { type StepName, type Steps, stepsOf } from './pipeline-steps.ts';
import { RecordedWorkflows } from './recorded-workflows.ts';
import { TestClock } from './test-clock.ts';

export const MODEL = 'loan-risk';
const ACCOUNTS = { dev: '111111111111', acc: '222222222222', prd: '333333333333' } as const;

export const keyArnOf = (environment: Environment): string =>
  `arn:aws:kms:eu-west-1:${ACCOUNTS[environment]}:key/signing`;
export const accountOf = (environment: Environment): string => ACCOUNTS[environment];

/** Which attempt of which run a step is invoked as. */
export interface As {
  readonly runId?: string;
  readonly attempt?: number;
  readonly redrive?: number;
  readonly taskToken?: string;
}

type Input<K extends StepName> = v.InferInput<Steps[K]['contract']['input']>;
type Output<K extends StepName> = v.InferOutput<Steps[K]['contract']['output']>;

const pascal = (name: string): string =>
  name
    .split('-')
    .map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
    .join('');

/** What Lambda gives a function beside its event. */
export const lambdaContext = (functionName: string, requestId = 'request-1'): Context =>
  ({ functionName, awsRequestId: requestId, getRemainingTimeInMillis: () => 600_000 }) as unknown as Context;

/**
 * One environment in memory. Steps run on the real path: the wrapper of their function, the step, the recorder, a registry that keeps
 * every condition, real signatures. Several worlds may share their objects, as accounts share S3's namespace.
 */
export class World {
  readonly environment: Environment;
  readonly registry = new InMemoryRegistry();
  readonly workflows = new RecordedWorkflows();
  readonly clock = new TestClock();
  readonly objects: InMemoryObjects;
  readonly dataBucket: string;
  readonly artifactsBucket: string;
  /** Uniform in [0, 1): who answers while a canary is out. */
  random = 0.5;

  constructor(environment: Environment = 'dev', objects = new InMemoryObjects()) {
    this.environment = environment;
    this.objects = objects;
    this.dataBucket = `sluice-${environment}-data`;
    this.artifactsBucket = `sluice-${environment}-artifacts`;
  }

  get signer() {
    return p256Signer(keyArnOf(this.environment));
  }

  /** The predict function, as it is deployed but for HTTP. */
  get endpoint(): Endpoint {
    const answer = predict({ ...this.deps, random: () => this.random });
    return {
      async predict(request) {
        const { status, body } = await answer(JSON.parse(JSON.stringify(request)));
        return status === 200
          ? { ok: true, response: body as PredictResponse }
          : { ok: false, status, message: (body as { message: string }).message };
      },
    };
  }

  get deps() {
    const { environment, registry, workflows, clock, objects, dataBucket, artifactsBucket, signer } = this;
    const from = predecessorOf(environment);
    return {
      environment,
      registry,
      workflows,
      clock,
      objects,
      dataBucket,
      artifactsBucket,
      signer,
      sha256,
      digestStream: sha256OfStream,
      tables: createObjectTables(objects),
      breathe: async () => {},
      ownKeyArn: keyArnOf(environment),
      predecessorKeyArn: from && keyArnOf(from),
      predecessorBucket: from && `sluice-${from}-artifacts`,
      predecessor: from && { environment: from, accountId: ACCOUNTS[from] },
    };
  }

  get recorder() {
    const { registry, clock, environment } = this;
    return { registry, clock, sha256, environment, actor: 'function/test' };
  }

  /** Invokes a step's function as its state would. */
  async invoke<K extends StepName>(name: K, input: Input<K>, as: As = {}): Promise<Output<K>> {
    const { contract, run } = stepsOf({ ...this.deps, endpoint: this.endpoint })[name];
    const handler = defineStep({ contract: contract as never, run: run as never, recorder: this.recorder });
    const runId = as.runId ?? 'run-1';
    const machine = 'sluice-machine';
    const event = {
      input,
      context: {
        Execution: {
          Id: `arn:aws:states:eu-west-1:${ACCOUNTS[this.environment]}:execution:${machine}:${runId}`,
          Name: runId,
          RedriveCount: as.redrive ?? 0,
        },
        State: { Name: pascal(name), RetryCount: as.attempt ?? 0 },
        StateMachine: { Name: machine },
        ...(as.taskToken !== undefined && { Task: { Token: as.taskToken } }),
      },
    };
    const invoke = handler as unknown as (event: unknown, context: Context) => Promise<Output<K>>;
    return invoke(JSON.parse(JSON.stringify(event)), lambdaContext(`sluice-${this.environment}-${name}`));
  }

  /** Delivers an event to a consumer, as EventBridge would. */
  async deliver(
    name: string,
    consumer: Pick<Parameters<typeof defineConsumer>[0], 'identify' | 'run'>,
    event: Partial<BusEvent>,
  ): Promise<unknown> {
    const handler = defineConsumer({ ...consumer, recorder: this.recorder }) as unknown as (
      event: unknown,
      context: Context,
    ) => Promise<unknown>;
    const whole = {
      id: 'event-1',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: ACCOUNTS[this.environment],
      time: '2026-01-15T09:00:00Z',
      ...event,
    };
    return handler(JSON.parse(JSON.stringify(whole)), lambdaContext(`sluice-${this.environment}-${name}`));
  }

  /** The environment's current recipe from here on. */
  giveRecipe(options: LoanModelOptions = {}): string {
    const { recipeDigest, text } = sealRecipe(
      { kind: 'sluice.recipe/1', model: MODEL, files: { 'model.yaml': loanModelYaml(options) }, commit: null },
      sha256,
    );
    this.objects.put(this.artifactsBucket, artifactKeys.recipe(recipeDigest), text);
    const recipe = { model: MODEL, recipeDigest, commit: null, acceptedAt: '2026-01-15T08:00:00.000Z', from: null };
    this.registry.seed({ change: 'accept-recipe', recipe, current: true });
    return recipeDigest;
  }

  /** Uploads data and runs every step of train-model on it. Answers what RegisterModel answers. */
  async train({
    csv = loanCsv(),
    runId = 'train-1',
    trigger = { kind: 'data', arrivalId: 'arrival-1' },
  }: {
    csv?: string;
    runId?: string;
    trigger?: Trigger;
  } = {}) {
    const key = `${MODEL}/${runId}.csv`;
    const versionId = this.objects.put(this.dataBucket, key, csv);
    const as = { runId };
    const { bytes: _, ...pinned } = await this.invoke(
      'snapshot-dataset',
      { model: MODEL, trigger, arrival: { objects: [{ key, versionId }] }, recipeDigest: null },
      as,
    );
    const { arrivalId, ...about } = pinned;
    await this.invoke('validate-dataset', { ...pinned, trigger, replayed: false }, as);
    const { trainedDigest } = await this.invoke('train-model', about, as);
    const { evaluationDigest } = await this.invoke('evaluate-model', { ...about, trainedDigest }, as);
    const { modelDigest } = await this.invoke('package-model', { ...about, trainedDigest, evaluationDigest }, as);
    const registered = { ...about, evaluationDigest, modelDigest, trigger };
    return { arrivalId, ...(await this.invoke('register-model', registered, as)) };
  }

  /** Lets a registered version come as far as `until` of promote-model, with as many approvals as are asked for. */
  async promote(request: PromotionRequest, { runId = 'promote-1', until = 'complete' as Until } = {}) {
    const as = { runId };
    const trigger: Trigger =
      request.from === null
        ? { kind: 'registration', runId: 'train-1' }
        : { kind: 'request', from: request.from, eventId: 'fact-1' };
    const { promotionId } = await this.invoke('verify-candidate', { request: jsonOf(request), trigger }, as);
    const tested = { promotionId, model: MODEL, modelDigest: request.candidate.modelDigest };
    const order = ['verify', 'test', 'judge', 'canary', 'complete'] as const;
    const reached = (stage: Until) => order.indexOf(stage) <= order.indexOf(until);
    if (reached('test')) {
      await this.invoke('test-integration', tested, as);
      await this.invoke('test-performance', tested, as);
      await this.invoke('test-security', tested, as);
    }
    if (reached('judge')) await this.invoke('judge-gates', tested, as);
    if (reached('canary')) await this.invoke('deploy-canary', tested, as);
    if (reached('complete')) await this.invoke('complete-promotion', tested, as);
    return tested;
  }
}

export type Until = 'verify' | 'test' | 'judge' | 'canary' | 'complete';

/** A request as it crosses JSON: what its contract takes. */
export const jsonOf = (request: PromotionRequest) => ({ ...request, metrics: { ...request.metrics } });
