import type { ResourceHandler } from '../deploy/resource.ts';
import type { StreamReader } from '../dynamodb/streams.ts';
import type { IssueRoleCredentials } from '../iam/credentials.ts';
import { Logs, logGroupResource } from '../logs/logs.ts';
import type {
  AccountContext,
  Background,
  Call,
  LambdaResult,
  Principal,
  RestRequest,
  RestResponse,
  RestService,
  Services,
} from '../service.ts';
import { AsyncQueue } from './async/async-queue.ts';
import { InvokeConfigs } from './async/invoke-configs.ts';
import { SandboxFactory } from './function-environment.ts';
import { Functions } from './functions.ts';
import { Invoke } from './invoke.ts';
import { Invoker } from './invoker.ts';
import { lambdaResources } from './resources.ts';
import { lambdaRestApi } from './rest-api.ts';
import { SandboxPool } from './sandbox/sandbox-pool.ts';
import { mappingResource } from './streams/mapping-resource.ts';
import { Mappings } from './streams/mappings.ts';
import { StreamMappings } from './streams/stream-mappings.ts';
import { FunctionUrls } from './url/function-urls.ts';
import { serveFunctionUrl } from './url/serve-url.ts';

export interface LambdaDeps {
  readonly issueRoleCredentials: IssueRoleCredentials;
  /** `http://127.0.0.1:PORT`; asked for when a sandbox starts. */
  readonly runtimeUrl: () => string;
  readonly streams: StreamReader;
  /** To bound the threads of several accounts together. */
  readonly pool?: SandboxPool;
}

export interface Lambda {
  readonly service: RestService;
  readonly resources: readonly ResourceHandler[];
  readonly background: Background;
  /** What the functions wrote, by log group (`/aws/lambda/NAME`). */
  readonly logs: Logs;
  /** Runs the function and resolves with its answer or its error; rejects with AwsError when it could not be run. */
  invoke(functionArn: string, payload: string, principal: Principal, clientContext?: unknown): Promise<LambdaResult>;
  /** Loads the function ahead of a call, if there is room. Never throws. */
  expect(functionArn: string): void;
  /** The event is on disk when it resolves. */
  queue(functionArn: string, payload: string, principal: Principal): Promise<void>;
  /** Whether the account has the function URL `/_url/URL-ID/`. */
  hasFunctionUrl(urlId: string): boolean;
  /** `principal` is undefined for a request without a signature. */
  handleFunctionUrl(request: RestRequest, principal: Principal | undefined): Promise<RestResponse>;
}

/** Lambda of one account. */
export function createLambda(ctx: AccountContext, services: Services, deps: LambdaDeps): Lambda {
  const { streams, runtimeUrl, issueRoleCredentials } = deps;
  const logs = new Logs(ctx);
  const functions = new Functions(ctx);
  const configs = new InvokeConfigs(ctx);
  const mappings = new Mappings(ctx);
  const urls = new FunctionUrls(ctx);
  const pool = deps.pool ?? new SandboxPool({ clock: ctx.clock });
  const factory = new SandboxFactory({ ctx, issueRoleCredentials, runtimeUrl });
  const invoker = new Invoker({ ctx, logs, pool, factory });
  const queue = new AsyncQueue({ ctx, services, functions, configs, invoker });
  const streamMappings = new StreamMappings({ ctx, services, functions, mappings, invoker, streams });
  const invoke = new Invoke({ ctx, functions, invoker, queue });
  const handle = lambdaRestApi({ ctx, services, functions, mappings, urls, invoke, runtimeUrl });
  const callBy = (principal: Principal): Call => ({
    principal,
    accountId: ctx.accountId,
    region: ctx.region,
    requestId: ctx.ids.uuid(),
    access: ctx.access,
  });

  return {
    service: { name: 'lambda', handle },
    resources: [
      ...lambdaResources({ ctx, functions, invoker, configs, urls, runtimeUrl }),
      mappingResource({ ctx, functions, streamMappings }),
      logGroupResource(ctx, logs),
    ],
    background: {
      start() {
        queue.start();
        streamMappings.start();
      },
      async stop() {
        // The sandboxes go first: what is running there is taken up again from the store, nobody waits for it.
        await Promise.all([invoker.stop(), queue.stop(), streamMappings.stop()]);
        logs.flush();
      },
    },
    logs,
    async invoke(functionArn, payload, principal, clientContext) {
      const reference = functions.reference(functionArn);
      const { result, definition } = await invoke.run(reference, payload, callBy(principal), clientContext);
      const { statusCode, functionError } = result;
      return {
        statusCode,
        payload: result.payload,
        executedVersion: definition.version,
        ...(functionError ? { functionError } : {}),
      };
    },
    expect(functionArn) {
      try {
        const { name, qualifier } = functions.reference(functionArn);
        invoker.expect(functions.require(name, qualifier));
      } catch (error) {
        // Whoever calls it will be told; a hint is owed nothing.
        ctx.log('info', 'A function was not loaded ahead', { functionArn, error: String(error) });
      }
    },
    async queue(functionArn, payload, principal) {
      invoke.queue(functions.reference(functionArn), payload, callBy(principal));
    },
    hasFunctionUrl: (urlId) => urls.find(urlId) !== undefined,
    handleFunctionUrl: (request, principal) => serveFunctionUrl({ ctx, functions, urls, invoker }, request, principal),
  };
}
