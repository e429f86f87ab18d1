import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Clock } from './clock.ts';
import type { Access } from './iam/access.ts';
import type { NamedPolicy } from './iam/identity.ts';
import type { Ids } from './ids.ts';
import type { Store } from './store/store.ts';

/** Who makes a call: the caller's identity as STS GetCallerIdentity would name it. */
export interface Principal {
  readonly kind: 'root' | 'user' | 'assumed-role' | 'service';
  readonly accountId: string;
  /** `arn:aws:sts::…:assumed-role/ROLE/SESSION`, `arn:aws:iam::…:user/NAME`, or a service's name (`s3.amazonaws.com`). */
  readonly arn: string;
  /** The role behind an assumed-role session. */
  readonly roleArn?: string;
  readonly userId: string;
  /** Of a service: the resource it acts for (a rule, a bucket), which policies see as `aws:SourceArn`. */
  readonly sourceArn?: string;
  /**
   * The service that took the role by itself, for `sourceArn` (`states.amazonaws.com`): the role's trust policy must let it,
   * at every call.
   */
  readonly takenBy?: string;
  /** What AssumeRole added to the role. */
  readonly session?: PrincipalSession;
  /** The service that makes this call in the principal's name, as `kms:ViaService` has it: `s3.eu-west-1.amazonaws.com`. */
  readonly via?: string;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export interface PrincipalSession {
  readonly issuedAtMs: number;
  /** Most that the session can do. Absent: as much as the role. */
  readonly policies?: readonly NamedPolicy[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly sourceIdentity?: string;
}

/** One call to a service, whoever makes it: the wire or another service in this process. */
export interface Call {
  readonly principal: Principal;
  /** The account that is addressed. The principal's own, unless an ARN or a bucket in the request names another. */
  readonly accountId: string;
  readonly region: string;
  readonly requestId: string;
  /** By what the call is judged (`ctx.access`). Without it no role is let in. */
  readonly access?: Access | undefined;
  /** Of a request on the wire. */
  readonly origin?: { readonly sourceIp: string; readonly userAgent?: string | undefined } | undefined;
}

/** What each service of one account is built from. */
export interface AccountContext {
  readonly accountId: string;
  readonly region: string;
  readonly store: Store;
  /** A folder of this account for what does not belong in SQLite (object bodies, unpacked function code). */
  readonly directory: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** For the calls that a service makes: each `Call` carries it. */
  readonly access?: Access;
}

/** The local runtime's own log, not a function's: what was denied, what failed to deliver, what AWS would do in silence. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export type JsonObject = { [key: string]: unknown };

/** Operation name of the AWS API → what it does. Input and output are the API's own shapes. Errors are AwsError. */
export type Operations = Readonly<Record<string, (input: JsonObject, call: Call) => JsonObject | Promise<JsonObject>>>;

/** A service spoken to in `application/x-amz-json-1.x` (X-Amz-Target) or the query protocol (STS). */
export interface OperationService {
  readonly name:
    | 'dynamodb'
    | 'states'
    | 'events'
    | 'kms'
    | 'sqs'
    | 'sts'
    | 'sagemaker'
    | 'iam'
    | 'logs'
    | 'monitoring'
    | 'cloudtrail';
  /** Output may hold Date (sent as epoch seconds) and Uint8Array (sent as base64); input is as on the wire. */
  readonly operations: Operations;
  /** The account that an ARN or URL in the input addresses; undefined when none does: then it is the caller's own. */
  readonly addressedAccount?: (operation: string, input: JsonObject) => string | undefined;
  /** The code that clients of the service's older query protocol know an error by (`x-amzn-query-error`). */
  readonly queryErrorCode?: (code: string) => string;
}

/** A request as the REST services (S3, Lambda) get it, after its signature was checked. */
export interface RestRequest {
  readonly method: string;
  /** As sent: still percent-encoded. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The payload, with aws-chunked framing already taken off. */
  readonly body: Readable;
  /** Trailers of an aws-chunked body, by lower-case name (`x-amz-checksum-crc32`): filled when `body` has ended. */
  readonly trailers?: Readonly<Record<string, string>>;
}

export interface RestResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

/** A service spoken to in REST (S3, Lambda and its function URLs). Errors are AwsError. */
export interface RestService {
  readonly name: 's3' | 'lambda';
  handle(request: RestRequest, call: Call): Promise<RestResponse>;
}

/** A service that works in the background: relays, pollers, timers. */
export interface Background {
  /** Takes up what the store says is unfinished. Called once, after every service of every account exists. */
  start(): void;
  /** No new work is begun; resolves when what is in hand has stopped or can be resumed from the store. */
  stop(): Promise<void>;
}

/** An event as EventBridge delivers it. */
export interface EventBridgeEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  readonly 'replay-name'?: string;
}

export interface LambdaResult {
  readonly statusCode: number;
  /** JSON text: the function's answer or, with `functionError`, `{errorType, errorMessage, trace}`. */
  readonly payload: string;
  readonly functionError?: 'Unhandled';
  /** The version that ran: a number, or `$LATEST`. */
  readonly executedVersion?: string;
}

/**
 * What the services of this process ask of each other, whichever account the ARN names. Cross-account calls are judged by
 * the resource's policy here exactly as on the wire. A service reaches others only through this interface.
 */
export interface Services {
  /** Synchronous invoke: resolves with the function's answer or its error; rejects (AwsError) if it could not be run. */
  invokeLambda(
    functionArn: string,
    payload: string,
    principal: Principal,
    clientContext?: unknown,
  ): Promise<LambdaResult>;
  /**
   * Says that a function is likely to be called soon. Lambda may load it ahead, as it does on AWS ("proactive initialization"); it is
   * nobody's right, and nothing but time follows from it.
   */
  expectLambda(functionArn: string): void;
  /** Asynchronous invoke: resolves when the event is durably queued. */
  queueLambda(functionArn: string, payload: string, principal: Principal): Promise<void>;
  startExecution(
    stateMachineArn: string,
    input: string,
    principal: Principal,
    name?: string,
  ): Promise<{ executionArn: string }>;
  /** Puts a message with string message attributes on a queue. */
  sendMessage(
    queueArn: string,
    body: string,
    attributes: Readonly<Record<string, string>>,
    principal: Principal,
  ): Promise<void>;
  /** An event for a bus, already shaped (the bus in another account keeps `account`, `id` and `time`). Durable when it resolves. */
  putEvent(busArn: string, event: EventBridgeEvent, principal: Principal): Promise<void>;
  /**
   * An AWS service's own event on the account's default bus (e.g. S3 "Object Created"). Synchronous, so that the caller's store transaction
   * carries it: either the write and its event are both there after a crash, or neither is.
   */
  emitServiceEvent(
    accountId: string,
    event: { source: string; detailType: string; resources: readonly string[]; detail: unknown },
  ): void;
  /** Any operation of an operation service, by its API name: for `aws-sdk:*` and optimised integrations of Step Functions. */
  callOperation(
    service: OperationService['name'],
    operation: string,
    input: JsonObject,
    principal: Principal,
  ): Promise<JsonObject>;
  /** Whether there is such an operation here. */
  hasOperation(service: OperationService['name'], operation: string): boolean;
  /** Any request to a REST service, as its wire would bring it. Errors are AwsError. */
  callRest(service: RestService['name'], request: RestRequest, principal: Principal): Promise<RestResponse>;
}
