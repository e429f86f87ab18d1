import { formatArn } from '../arn.ts';
import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { AccountContext, Call, RestRequest, RestResponse, Services } from '../service.ts';
import { concurrencyRoutes } from './concurrency-routes.ts';
import { describeFunction, describeMapping, describeUrl } from './describe.ts';
import { type Functions, LATEST } from './functions.ts';
import type { Invoke } from './invoke.ts';
import { permissionRoutes } from './permission-routes.ts';
import { readBody } from './read-body.ts';
import { clientError, json, notFound, pageOf, permitted, type Route } from './route.ts';
import type { Mappings } from './streams/mappings.ts';
import type { FunctionUrls } from './url/function-urls.ts';
import { versionRoutes } from './version-routes.ts';

export interface RestApiDeps {
  readonly ctx: AccountContext;
  readonly services: Services;
  readonly functions: Functions;
  readonly mappings: Mappings;
  readonly urls: FunctionUrls;
  readonly invoke: Invoke;
  readonly runtimeUrl: () => string;
}

/** The operations of the Lambda API that are done here. https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html */
export function lambdaRestApi(deps: RestApiDeps): (request: RestRequest, call: Call) => Promise<RestResponse> {
  const { ctx, functions, mappings, urls, runtimeUrl } = deps;
  const mappingArn = (uuid: string) => formatArn('lambda', ctx.region, ctx.accountId, `event-source-mapping:${uuid}`);
  const describeMappingState = (state: ReturnType<Mappings['require']>) =>
    describeMapping(state, { functions }, mappingArn(state.mapping.uuid));
  /** The function that a path names, once the caller was found to be allowed to look at it. */
  const look = (action: string, request: RestRequest, call: Call, named: string) => {
    const { name, qualifier } = permitted(functions, action, request, call, named);
    return { definition: functions.require(name, qualifier), arn: functions.arnOf(name, qualifier), qualifier };
  };

  const routes: readonly Route[] = [
    ...versionRoutes(functions),
    ...permissionRoutes(functions),
    ...concurrencyRoutes(functions),
    {
      method: 'POST',
      path: /^\/2015-03-31\/functions\/([^/]+)\/invocations$/,
      answer: (request, call, name = '') => invokeByRest(deps, request, call, name),
    },
    {
      method: 'GET',
      path: /^\/2015-03-31\/functions\/?$/,
      answer(request, call) {
        authorize({ call, action: 'lambda:ListFunctions', resourceArn: '*' });
        const { items, next } = pageOf(functions.list(), request);
        return json({ Functions: items.map((definition) => describeFunction(definition)), ...next });
      },
    },
    {
      method: 'GET',
      path: /^\/2015-03-31\/functions\/([^/]+)$/,
      answer(request, call, name = '') {
        const { definition, arn } = look('GetFunction', request, call, name);
        const { reservedConcurrency, tags } = definition;
        return json({
          Configuration: describeFunction(definition, arn),
          Code: { RepositoryType: 'S3' },
          Tags: tags,
          ...(reservedConcurrency === undefined
            ? {}
            : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
        });
      },
    },
    {
      method: 'GET',
      path: /^\/2015-03-31\/functions\/([^/]+)\/configuration$/,
      answer(request, call, name = '') {
        const { definition, arn } = look('GetFunctionConfiguration', request, call, name);
        return json(describeFunction(definition, arn));
      },
    },
    {
      method: 'GET',
      path: /^\/2021-10-31\/functions\/([^/]+)\/url$/,
      answer(request, call, name = '') {
        const { definition, arn, qualifier } = look('GetFunctionUrlConfig', request, call, name);
        const url = urls.of(definition.name, qualifier);
        if (!url) throw notFound('The resource you requested does not exist.');
        return json(describeUrl(url, arn, runtimeUrl()));
      },
    },
    {
      method: 'GET',
      path: /^\/2021-10-31\/functions\/([^/]+)\/urls$/,
      answer(request, call, name = '') {
        const { definition } = look('ListFunctionUrlConfigs', request, call, name);
        const described = urls
          .allOf(definition.name)
          .map((url) => describeUrl(url, functions.arnOf(url.functionName, url.qualifier), runtimeUrl()));
        return json({ FunctionUrlConfigs: described });
      },
    },
    {
      method: 'GET',
      path: /^\/2015-03-31\/event-source-mappings\/?$/,
      answer(request, call) {
        authorize({ call, action: 'lambda:ListEventSourceMappings', resourceArn: '*' });
        const name = request.query.get('FunctionName');
        const source = request.query.get('EventSourceArn');
        const functionName = name === null ? undefined : functions.reference(name).name;
        const wanted = mappings
          .list()
          .filter(({ mapping }) => functionName === undefined || mapping.functionName === functionName)
          .filter(({ mapping }) => source === null || mapping.streamArn === source);
        const { items, next } = pageOf(wanted, request);
        return json({ EventSourceMappings: items.map(describeMappingState), ...next });
      },
    },
    {
      method: 'GET',
      path: /^\/2015-03-31\/event-source-mappings\/([^/]+)$/,
      answer(_request, call, uuid = '') {
        authorize({ call, action: 'lambda:GetEventSourceMapping', resourceArn: mappingArn(uuid) });
        return json(describeMappingState(mappings.require(uuid)));
      },
    },
  ];

  return async (request, call) => {
    for (const { method, path, answer } of routes) {
      const match = request.method === method ? path.exec(request.rawPath) : null;
      if (match) return answer(request, call, ...match.slice(1).map(decoded));
    }
    throw notImplemented(`The Lambda operation ${request.method} ${request.rawPath}`);
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw clientError('ValidationException', `The path of the request has '${segment}', which is not UTF-8.`);
  }
}

async function invokeByRest(
  { functions, invoke, services, ctx }: RestApiDeps,
  request: RestRequest,
  call: Call,
  name: string,
): Promise<RestResponse> {
  const header = (key: string) => request.headers[key] as string | undefined;
  const type = header('x-amz-invocation-type') ?? 'RequestResponse';
  const reference = functions.reference(name, request.query.get('Qualifier') ?? undefined);
  const body = await readBody(request);
  const payload = body.length === 0 ? '{}' : body.toString('utf8');
  if (reference.accountId !== ctx.accountId) {
    const { accountId, name: functionName, qualifier } = reference;
    const resource = qualifier === LATEST ? `function:${functionName}` : `function:${functionName}:${qualifier}`;
    const arn = formatArn('lambda', ctx.region, accountId, resource);
    if (type === 'Event') {
      await services.queueLambda(arn, payload, call.principal);
      return { statusCode: 202, body: '' };
    }
    if (type !== 'RequestResponse') throw notImplemented(`Invoke of another account with InvocationType ${type}`);
    const result = await services.invokeLambda(arn, payload, call.principal);
    return toResponse(result, result.executedVersion ?? LATEST);
  }
  switch (type) {
    case 'DryRun':
      invoke.check(reference, call);
      return { statusCode: 204 };
    case 'Event':
      invoke.queue(reference, payload, call);
      return { statusCode: 202, body: '' };
    case 'RequestResponse': {
      const context = header('x-amz-client-context');
      const clientContext = context === undefined ? undefined : readClientContext(context);
      const { result, definition } = await invoke.run(reference, payload, call, clientContext);
      const logs = header('x-amz-log-type') === 'Tail' ? { 'x-amz-log-result': toBase64(result.logTail) } : {};
      const response = toResponse(result, definition.version);
      return { ...response, headers: { ...response.headers, ...logs } };
    }
    default:
      throw new AwsError('InvalidParameterValueException', `Unknown invocation type ${type}`, 400, { Type: 'User' });
  }
}

const toBase64 = (text: string): string => Buffer.from(text).toString('base64');

const toResponse = (result: { payload: string; functionError?: string }, version: string): RestResponse => ({
  statusCode: 200,
  headers: {
    'content-type': 'application/json',
    'x-amz-executed-version': version,
    ...(result.functionError === undefined ? {} : { 'x-amz-function-error': result.functionError }),
  },
  body: result.payload,
});

function readClientContext(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
  } catch {
    throw new AwsError(
      'InvalidRequestContentException',
      'Client context must be a valid Base64-encoded JSON object.',
      400,
      {
        Type: 'User',
      },
    );
  }
}
