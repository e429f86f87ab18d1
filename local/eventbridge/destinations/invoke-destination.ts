import { AwsError } from '../../aws-error.ts';
import type { Clock } from '../../clock.ts';
import type { HttpParameters as TargetHttpParameters } from '../target.ts';
import type { ApiDestination } from './api-destinations.ts';
import type { AuthParameters, ConnectionParameter, HttpParameters, OAuthParameters } from './authorization.ts';

/** Longest that AWS waits for an answer. */
const TIMEOUT_MS = 5000;
const AGENT = 'Amazon/EventBridge/ApiDestinations';
/** A token is not used in its last minute. */
const TOKEN_MARGIN_MS = 60_000;
const UNKNOWN_LIFETIME_SECONDS = 3600;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Invocation {
  readonly destination: ApiDestination;
  readonly secrets: AuthParameters;
  readonly parameters: TargetHttpParameters | undefined;
  /** JSON text. */
  readonly input: string;
}

/**
 * Calls the endpoints of API destinations. It reaches this machine's own loopback interface, and hosts that the user has allowed: a deployment that is only
 * being tried must not ring at a real door.
 */
export class DestinationCaller {
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  readonly #allowedHosts: () => readonly string[];
  /** By connection: what OAuth gave. In memory only. */
  readonly #tokens = new Map<string, { readonly token: string; readonly untilMs: number }>();

  constructor(clock: Clock, fetchUrl: Fetch = fetch, allowedHosts: () => readonly string[] = hostsOfEnvironment) {
    this.#clock = clock;
    this.#fetch = fetchUrl;
    this.#allowedHosts = allowedHosts;
  }

  /** Resolves when the endpoint has answered with 2xx. Rejects with AwsError; no message has a secret, a query or a body in it. */
  async invoke({ destination, secrets, parameters, input }: Invocation): Promise<void> {
    const { InvocationHttpParameters: own } = secrets;
    const url = new URL(withPathValues(destination.endpoint, parameters?.PathParameterValues ?? []));
    for (const [key, value] of Object.entries(parameters?.QueryStringParameters ?? {}))
      url.searchParams.append(key, value);
    addQuery(url, own);
    const headers = new Headers({ 'user-agent': AGENT, 'content-type': 'application/json; charset=utf-8' });
    for (const [key, value] of Object.entries(parameters?.HeaderParameters ?? {})) headers.set(key, value);
    addHeaders(headers, own?.HeaderParameters);
    await this.#authorize(headers, secrets, destination.connectionArn);
    const { httpMethod: method } = destination;
    const body = method === 'GET' || method === 'HEAD' ? null : withBodyValues(input, own?.BodyParameters);
    const response = await this.#request(url, { method, headers, body });
    await response.body?.cancel();
    if (response.ok) return;
    // A token that was taken back before its time.
    if (response.status === 401 || response.status === 407) this.#tokens.delete(destination.connectionArn);
    throw answered(response, url.host, this.#clock.now());
  }

  async #authorize(headers: Headers, secrets: AuthParameters, connectionArn: string): Promise<void> {
    const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = secrets;
    if (basic) {
      headers.set('authorization', `Basic ${Buffer.from(`${basic.Username}:${basic.Password}`).toString('base64')}`);
    }
    if (key) headers.set(key.ApiKeyName, key.ApiKeyValue);
    if (oauth) headers.set('authorization', `Bearer ${await this.#token(oauth, connectionArn)}`);
  }

  /** https://datatracker.ietf.org/doc/html/rfc6749#section-4.4 */
  async #token(oauth: OAuthParameters, connectionArn: string): Promise<string> {
    const known = this.#tokens.get(connectionArn);
    if (known && known.untilMs > this.#clock.now()) return known.token;
    const { ClientID, ClientSecret } = oauth.ClientParameters;
    const url = new URL(oauth.AuthorizationEndpoint);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: ClientID,
      client_secret: ClientSecret,
    });
    for (const { Key, Value } of oauth.OAuthHttpParameters?.BodyParameters ?? []) form.set(Key, Value);
    addQuery(url, oauth.OAuthHttpParameters);
    const headers = new Headers({ 'user-agent': AGENT, 'content-type': 'application/x-www-form-urlencoded' });
    addHeaders(headers, oauth.OAuthHttpParameters?.HeaderParameters);
    if (oauth.HttpMethod === 'GET') for (const [name, value] of form) url.searchParams.append(name, value);
    const body = oauth.HttpMethod === 'GET' ? null : form.toString();
    const response = await this.#request(url, { method: oauth.HttpMethod, headers, body });
    if (!response.ok) {
      await response.body?.cancel();
      throw answered(response, url.host, this.#clock.now());
    }
    const { access_token: token, expires_in: lifetime = UNKNOWN_LIFETIME_SECONDS } = await readToken(
      response,
      url.host,
    );
    this.#tokens.set(connectionArn, { token, untilMs: this.#clock.now() + lifetime * 1000 - TOKEN_MARGIN_MS });
    return token;
  }

  async #request(url: URL, init: RequestInit): Promise<Response> {
    if (!isLoopback(url.hostname) && !this.#allowedHosts().includes(url.host)) {
      throw new AwsError(
        'AccessDeniedException',
        `The local runtime calls no host but this machine's own: to let API destinations call ${url.host}, start it with ${HOSTS_VARIABLE}=${url.host}.`,
        403,
      );
    }
    try {
      // Not followed: what was allowed is this host.
      return await this.#fetch(url.href, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      const reason =
        (error as Error).name === 'TimeoutError' ? `did not answer within ${TIMEOUT_MS} ms` : 'cannot be reached';
      throw new AwsError('ApiDestinationUnavailable', `${url.host} ${reason}.`, 503);
    }
  }
}

/** Hosts, with their ports where they name one, between commas. */
export const HOSTS_VARIABLE = 'LOCAL_AWS_API_DESTINATION_HOSTS';

const hostsOfEnvironment = (): readonly string[] => (process.env[HOSTS_VARIABLE] ?? '').split(',').filter(Boolean);

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host);

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html: 401, 407, 409, 429 and 5xx are retried, no earlier than asked. */
function answered(response: Response, host: string, nowMs: number): AwsError {
  const { status } = response;
  const retryable = [401, 407, 409, 429].includes(status) || status >= 500;
  const after = response.headers.get('retry-after');
  const retryAfterMs =
    after === null ? undefined : /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - nowMs;
  return new AwsError('ApiDestinationAnswered', `${host} answered with status ${status}.`, retryable ? 503 : 400, {
    status,
    ...(retryAfterMs !== undefined && retryAfterMs > 0 ? { retryAfterMs } : {}),
  });
}

async function readToken(response: Response, host: string): Promise<{ access_token: string; expires_in?: number }> {
  const answer = (await response.json().catch(() => undefined)) as
    | { access_token?: unknown; expires_in?: unknown }
    | undefined;
  if (typeof answer?.access_token !== 'string') {
    throw new AwsError('ApiDestinationAnswered', `${host} answered without an access_token.`, 503);
  }
  const lifetime = Number(answer.expires_in);
  return { access_token: answer.access_token, ...(Number.isFinite(lifetime) ? { expires_in: lifetime } : {}) };
}

/** Each `*` in the endpoint's path takes the next value. */
function withPathValues(endpoint: string, values: readonly string[]): string {
  const left = [...values];
  return endpoint.replace(/\*/g, () => encodeURIComponent(left.shift() ?? '*'));
}

function addQuery(url: URL, parameters: HttpParameters | undefined): void {
  for (const { Key, Value } of parameters?.QueryStringParameters ?? []) url.searchParams.set(Key, Value);
}

function addHeaders(headers: Headers, parameters: readonly ConnectionParameter[] | undefined): void {
  for (const { Key, Value } of parameters ?? []) headers.set(Key, Value);
}

/** Numbers of the event keep their text: the values go in front of the object's closing brace. */
function withBodyValues(input: string, parameters: readonly ConnectionParameter[] | undefined): string {
  if (!parameters || parameters.length === 0 || !/^\s*\{/.test(input)) return input;
  const inner = input.trim().slice(1, -1);
  const added = parameters.map(({ Key, Value }) => `${JSON.stringify(Key)}:${JSON.stringify(Value)}`).join(',');
  return inner.trim() === '' ? `{${added}}` : `{${inner},${added}}`;
}
