import { AwsError, notImplemented } from '../../aws-error.ts';
import { shown } from '../../operation-input.ts';
import type { JsonObject } from '../../service.ts';

/** A header, query or body parameter that a connection adds to each request. */
export interface ConnectionParameter {
  readonly Key: string;
  readonly Value: string;
  readonly IsValueSecret?: boolean;
}

export interface HttpParameters {
  readonly HeaderParameters?: readonly ConnectionParameter[];
  readonly QueryStringParameters?: readonly ConnectionParameter[];
  readonly BodyParameters?: readonly ConnectionParameter[];
}

export interface OAuthParameters {
  readonly ClientParameters: { readonly ClientID: string; readonly ClientSecret: string };
  readonly AuthorizationEndpoint: string;
  readonly HttpMethod: 'GET' | 'POST' | 'PUT';
  readonly OAuthHttpParameters?: HttpParameters;
}

/** `AuthParameters` of a connection: all of it is sealed. */
export interface AuthParameters {
  readonly BasicAuthParameters?: { readonly Username: string; readonly Password: string };
  readonly ApiKeyAuthParameters?: { readonly ApiKeyName: string; readonly ApiKeyValue: string };
  readonly OAuthParameters?: OAuthParameters;
  readonly InvocationHttpParameters?: HttpParameters;
}

const MEMBER_OF: Readonly<Record<string, readonly [member: keyof AuthParameters, parts: readonly string[]]>> = {
  BASIC: ['BasicAuthParameters', ['Username', 'Password']],
  API_KEY: ['ApiKeyAuthParameters', ['ApiKeyName', 'ApiKeyValue']],
  OAUTH_CLIENT_CREDENTIALS: ['OAuthParameters', ['AuthorizationEndpoint', 'HttpMethod']],
};

/** Throws ValidationException for what AWS refuses, without a word of what is secret. */
export function readAuthorization(type: unknown, parameters: unknown): AuthParameters {
  const wanted = Object.hasOwn(MEMBER_OF, String(type)) ? MEMBER_OF[String(type)] : undefined;
  if (!wanted) {
    throw invalid(`AuthorizationType must be one of ${Object.keys(MEMBER_OF).join(', ')}; it is ${shown(type)}.`);
  }
  const [member, parts] = wanted;
  const given = asObject(parameters, 'AuthParameters');
  for (const name of Object.keys(given)) {
    if (name === 'ConnectivityParameters') throw notImplemented('A connection with ConnectivityParameters');
    if (name !== member && name !== 'InvocationHttpParameters') {
      throw invalid(`AuthParameters of AuthorizationType ${String(type)} cannot have ${name}.`);
    }
  }
  const own = asObject(given[member], `AuthParameters.${member}`);
  for (const part of parts) requireText(own, part, member);
  if (member === 'OAuthParameters') checkOAuth(own);
  checkHttpParameters(given.InvocationHttpParameters, 'InvocationHttpParameters');
  return given as AuthParameters;
}

function checkOAuth(own: JsonObject): void {
  const client = asObject(own.ClientParameters, 'OAuthParameters.ClientParameters');
  for (const part of ['ClientID', 'ClientSecret']) requireText(client, part, 'OAuthParameters.ClientParameters');
  if (!['GET', 'POST', 'PUT'].includes(String(own.HttpMethod))) {
    throw invalid('OAuthParameters.HttpMethod must be one of GET, POST, PUT.');
  }
  readEndpoint(own.AuthorizationEndpoint, 'OAuthParameters.AuthorizationEndpoint');
  checkHttpParameters(own.OAuthHttpParameters, 'OAuthParameters.OAuthHttpParameters');
}

function checkHttpParameters(value: unknown, where: string): void {
  if (value === undefined) return;
  for (const [kind, list] of Object.entries(asObject(value, where))) {
    if (!['HeaderParameters', 'QueryStringParameters', 'BodyParameters'].includes(kind) || !Array.isArray(list)) {
      throw invalid(`${where}.${kind} is not valid.`);
    }
    for (const parameter of list) {
      requireText(asObject(parameter, `${where}.${kind}`), 'Key', `${where}.${kind}`);
      requireText(parameter as JsonObject, 'Value', `${where}.${kind}`);
    }
  }
}

/** AWS takes https only; here http may reach a server of one's own. Which hosts are called is decided when they are. */
export function readEndpoint(value: unknown, name: string): string {
  const text = String(value);
  if (!/^https?:\/\/[^\s/?#@]+/.test(text) || !URL.canParse(text))
    throw invalid(`Parameter ${name} is not a valid URL.`);
  return text;
}

/** What DescribeConnection shows: the names, and no value that is a secret. */
export function withoutSecrets(parameters: AuthParameters): JsonObject {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = parameters;
  const invocation = parameters.InvocationHttpParameters;
  return {
    ...(basic && { BasicAuthParameters: { Username: basic.Username } }),
    ...(key && { ApiKeyAuthParameters: { ApiKeyName: key.ApiKeyName } }),
    ...(oauth && {
      OAuthParameters: {
        ClientParameters: { ClientID: oauth.ClientParameters.ClientID },
        AuthorizationEndpoint: oauth.AuthorizationEndpoint,
        HttpMethod: oauth.HttpMethod,
        ...(oauth.OAuthHttpParameters && { OAuthHttpParameters: shownParameters(oauth.OAuthHttpParameters) }),
      },
    }),
    ...(invocation && { InvocationHttpParameters: shownParameters(invocation) }),
  };
}

const shownParameters = (parameters: HttpParameters): JsonObject =>
  Object.fromEntries(
    Object.entries(parameters as Record<string, readonly ConnectionParameter[]>).map(([kind, list]) => [
      kind,
      list.map(({ Key, Value, IsValueSecret = false }) => ({
        Key,
        IsValueSecret,
        ...(IsValueSecret ? {} : { Value }),
      })),
    ]),
  );

function asObject(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalid(`${where} is required.`);
}

function requireText(from: JsonObject, name: string, where: string): void {
  if (typeof from[name] !== 'string' || from[name] === '') throw invalid(`${where}.${name} is required.`);
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
