import { join } from 'node:path';
import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { IssueRoleCredentials, RoleCredentials } from '../iam/credentials.ts';
import { requireServiceRole } from '../iam/service-role.ts';
import type { AccountContext } from '../service.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { rolePrincipal } from './role-principal.ts';
import { Sandbox } from './sandbox/sandbox.ts';

export interface SandboxFactoryDeps {
  readonly ctx: AccountContext;
  readonly issueRoleCredentials: IssueRoleCredentials;
  /** The endpoint of every service. */
  readonly runtimeUrl: () => string;
}

/** As long as AWS lets a role session be. A sandbox ends before its credentials do. */
const SESSION_SECONDS = 43_200;
/** Credentials with less than this left are not given to a new sandbox. */
const RENEW_BEFORE_MS = 3_600_000;

/** Makes sandboxes: the function's code, its environment and the credentials of its role. */
export class SandboxFactory {
  readonly #deps: SandboxFactoryDeps;
  readonly #credentials = new Map<string, RoleCredentials>();

  constructor(deps: SandboxFactoryDeps) {
    this.#deps = deps;
  }

  /** Throws AccessDeniedException when there is no such role. */
  create(definition: FunctionDefinition): Sandbox {
    const { ctx } = this.#deps;
    const { name, version, handler, runtime, memoryMb, logging } = definition;
    const credentials = this.#credentialsFor(definition);
    const day = new Date(ctx.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${day}/[${version}]${ctx.ids.hex(32)}`;
    const taskRoot = join(ctx.directory, definition.codeDirectory);
    return new Sandbox({
      clock: ctx.clock,
      memoryMb,
      credentialsExpireAtMs: credentials.expiration.getTime(),
      workerData: {
        taskRoot,
        handler,
        runtime,
        compileCache: join(ctx.directory, 'compile-cache'),
        logFormat: logging.format,
        logLevel: logging.applicationLevel,
        functionContext: {
          functionName: name,
          functionVersion: version,
          memoryLimitInMB: String(memoryMb),
          logGroupName: logging.group,
          logStreamName: logStream,
        },
      },
      environment: {
        ...definition.environment,
        AWS_ENDPOINT_URL: this.#deps.runtimeUrl(),
        AWS_REGION: ctx.region,
        AWS_DEFAULT_REGION: ctx.region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
        AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: version,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_LAMBDA_LOG_GROUP_NAME: logging.group,
        AWS_LAMBDA_LOG_STREAM_NAME: logStream,
        _HANDLER: handler,
        LAMBDA_TASK_ROOT: taskRoot,
        LANG: 'en_US.UTF-8',
        TZ: ':UTC',
      },
    });
  }

  #credentialsFor({ name, arn: definitionArn, roleArn }: FunctionDefinition): RoleCredentials {
    const { ctx, issueRoleCredentials } = this.#deps;
    const key = `${name} ${roleArn}`;
    const known = this.#credentials.get(key);
    if (known && known.expiration.getTime() - ctx.clock.now() > RENEW_BEFORE_MS) return known;
    try {
      const accountId = parseArn(roleArn)?.accountId ?? ctx.accountId;
      requireLambdaRole(ctx, definitionArn, roleArn);
      const issued = issueRoleCredentials({
        accountId,
        roleArn,
        sessionName: name,
        durationSeconds: SESSION_SECONDS,
      });
      this.#credentials.set(key, issued);
      return issued;
    } catch (error) {
      throw new AwsError(
        'AccessDeniedException',
        `The role defined for the function cannot be assumed by Lambda. ${roleArn}: ${(error as Error).message}`,
        403,
      );
    }
  }
}

/** Throws AccessDeniedException unless the role's trust policy lets Lambda take it for the function. */
function requireLambdaRole(ctx: AccountContext, functionArn: string, roleArn: string): void {
  const { access, accountId, region } = ctx;
  if (access === undefined) return;
  const principal = rolePrincipal({ name: '', arn: functionArn, roleArn });
  const call = { principal, accountId, region, requestId: ctx.ids.uuid(), access };
  const { trust } = access.policiesOf(principal);
  requireServiceRole({ call, service: 'lambda.amazonaws.com', roleArn, sourceArn: functionArn, trust });
}
