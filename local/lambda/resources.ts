import { notImplemented } from '../aws-error.ts';
import type { ResourceHandler, ResourceRequest } from '../deploy/resource.ts';
import type { AccountContext, JsonObject } from '../service.ts';
import { checkDestination, type DestinationConfig } from './async/destination.ts';
import { DEFAULT_INVOKE_CONFIG, type InvokeConfigs } from './async/invoke-configs.ts';
import { unpackCode, zipInlineCode } from './code-package.ts';
import { FUNCTION_PROPERTIES, readFunctionSettings } from './function-definition.ts';
import { type Functions, LATEST } from './functions.ts';
import type { Invoker } from './invoker.ts';
import { PERMISSION_MEMBERS, readPermission } from './permission.ts';
import type { FunctionUrls } from './url/function-urls.ts';
import { aliasResource, versionResource } from './version-resources.ts';

export interface LambdaResourceDeps {
  readonly ctx: AccountContext;
  readonly functions: Functions;
  readonly invoker: Invoker;
  readonly configs: InvokeConfigs;
  readonly urls: FunctionUrls;
  readonly runtimeUrl: () => string;
}

/** The CloudFormation resource types of Lambda, but for the event source mapping. */
export const lambdaResources = (deps: LambdaResourceDeps): ResourceHandler[] => [
  lambdaFunction(deps),
  lambdaPermission(deps),
  lambdaUrl(deps),
  lambdaInvokeConfig(deps),
  versionResource(deps.functions),
  aliasResource(deps.functions),
];

const lambdaFunction = ({ ctx, functions, invoker }: LambdaResourceDeps): ResourceHandler => ({
  type: 'AWS::Lambda::Function',
  properties: FUNCTION_PROPERTIES,
  async put(request) {
    const { properties, stackName, logicalId, previous } = request;
    const name = (properties.FunctionName as string | undefined) ?? `${stackName}-${logicalId}`.slice(0, 64);
    const settings = readFunctionSettings(name, properties);
    if (settings.tracingMode === 'Active' || settings.kmsKeyArn !== undefined) {
      ctx.log('warn', 'A function is traced by nothing here, nor its environment encrypted', { function: name });
    }
    const code = unpackCode(ctx.directory, name, packageOf(request));
    const before = functions.find(name);
    const definition = functions.put(name, settings, code);
    if (before && before.revisionId !== definition.revisionId) invoker.retire(name);
    if (previous && previous.physicalId !== name) deleteFunction(functions, invoker, previous.physicalId);
    return { physicalId: name, attributes: { Arn: definition.arn } };
  },
  async delete(physicalId) {
    deleteFunction(functions, invoker, physicalId);
  },
});

function deleteFunction(functions: Functions, invoker: Invoker, name: string): void {
  functions.delete(name);
  invoker.retire(name);
}

function packageOf({ properties, logicalId, artifact }: ResourceRequest): Uint8Array {
  const code = (properties.Code ?? {}) as JsonObject;
  const unknown = Object.keys(code).find((key) => !['S3Bucket', 'S3Key', 'ZipFile'].includes(key));
  if (unknown !== undefined) throw notImplemented(`Code.${unknown} of AWS::Lambda::Function ${logicalId}`);
  if (typeof code.ZipFile === 'string') return zipInlineCode(code.ZipFile);
  if (typeof code.S3Key === 'string') return artifact(code.S3Key);
  throw new Error(`AWS::Lambda::Function ${logicalId}: Code needs S3Key or ZipFile.`);
}

const lambdaPermission = ({ ctx, functions }: LambdaResourceDeps): ResourceHandler => ({
  type: 'AWS::Lambda::Permission',
  properties: ['FunctionName', ...PERMISSION_MEMBERS],
  async put({ properties, stackName, logicalId, previous }) {
    const { name, qualifier } = functions.reference(String(properties.FunctionName));
    functions.require(name, qualifier);
    const statementId = `${stackName}-${logicalId}`;
    const physicalId = [name, statementId, ...(qualifier === LATEST ? [] : [qualifier])].join('|');
    if (previous && previous.physicalId !== physicalId) deleteStatement(functions, previous.physicalId);
    functions.putStatement(name, qualifier, statementId, readPermission(properties));
    ctx.log('info', 'A permission was granted on a function', { function: name, statement: statementId });
    return { physicalId, attributes: { Id: statementId } };
  },
  async delete(physicalId) {
    deleteStatement(functions, physicalId);
  },
});

function deleteStatement(functions: Functions, physicalId: string): void {
  const [name = '', statementId = '', qualifier = LATEST] = physicalId.split('|');
  functions.deleteStatement(name, qualifier, statementId);
}

const lambdaUrl = ({ functions, urls, runtimeUrl }: LambdaResourceDeps): ResourceHandler => ({
  type: 'AWS::Lambda::Url',
  properties: ['AuthType', 'InvokeMode', 'Qualifier', 'TargetFunctionArn'],
  async put({ properties, logicalId }) {
    const { AuthType, InvokeMode = 'BUFFERED' } = properties;
    if (InvokeMode !== 'BUFFERED')
      throw notImplemented(`InvokeMode ${String(InvokeMode)} of AWS::Lambda::Url ${logicalId}`);
    if (AuthType !== 'AWS_IAM' && AuthType !== 'NONE') {
      throw new Error(`AWS::Lambda::Url ${logicalId}: AuthType must be AWS_IAM or NONE.`);
    }
    const { name, qualifier } = functions.reference(
      String(properties.TargetFunctionArn),
      properties.Qualifier as string | undefined,
    );
    functions.require(name, qualifier);
    const arn = functions.arnOf(name, qualifier);
    if (/^\d+$/.test(qualifier)) throw new Error(`AWS::Lambda::Url ${logicalId}: a version has no URL, only an alias.`);
    const { urlId } = urls.put(name, qualifier, AuthType);
    return { physicalId: arn, attributes: { FunctionArn: arn, FunctionUrl: `${runtimeUrl()}/_url/${urlId}/` } };
  },
  async delete(physicalId) {
    const { name, qualifier } = functions.reference(physicalId);
    urls.delete(name, qualifier);
  },
});

const lambdaInvokeConfig = ({ functions, configs }: LambdaResourceDeps): ResourceHandler => ({
  type: 'AWS::Lambda::EventInvokeConfig',
  properties: ['DestinationConfig', 'FunctionName', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts', 'Qualifier'],
  async put({ properties, logicalId }) {
    const { name } = functions.reference(String(properties.FunctionName));
    const qualifier = String(properties.Qualifier ?? LATEST);
    functions.require(name, qualifier);
    const attempts = Number(properties.MaximumRetryAttempts ?? DEFAULT_INVOKE_CONFIG.maximumRetryAttempts);
    const age = Number(properties.MaximumEventAgeInSeconds ?? DEFAULT_INVOKE_CONFIG.maximumEventAgeSeconds);
    if (![0, 1, 2].includes(attempts) || !Number.isInteger(age) || age < 60 || age > 21_600) {
      throw new Error(
        `AWS::Lambda::EventInvokeConfig ${logicalId}: MaximumRetryAttempts is 0 to 2, MaximumEventAgeInSeconds 60 to 21600.`,
      );
    }
    const destinations = (properties.DestinationConfig as DestinationConfig | undefined) ?? {};
    checkDestination(destinations.OnFailure?.Destination);
    checkDestination(destinations.OnSuccess?.Destination);
    configs.put(name, qualifier, { maximumRetryAttempts: attempts, maximumEventAgeSeconds: age, destinations });
    return { physicalId: `${name}|${qualifier}`, attributes: {} };
  },
  async delete(physicalId) {
    const [name = '', qualifier = ''] = physicalId.split('|');
    configs.delete(name, qualifier);
  },
});
