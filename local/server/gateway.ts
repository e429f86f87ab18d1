import type { AccessKey } from '../iam/credentials.ts';
import type {
  Call,
  JsonObject,
  OperationService,
  Principal,
  RestRequest,
  RestResponse,
  RestService,
} from '../service.ts';

/** Who makes a request, and from where. */
export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
  readonly origin?: Call['origin'];
}

/** What the listener needs of the runtime: who a key belongs to, and somebody to answer. */
export interface Gateway {
  findAccessKey(accessKeyId: string): AccessKey | undefined;
  callOperation(
    service: OperationService['name'],
    operation: string,
    input: JsonObject,
    caller: Caller,
  ): Promise<JsonObject>;
  queryErrorCode(service: OperationService['name'], code: string): string;
  handleRest(service: RestService['name'], request: RestRequest, caller: Caller): Promise<RestResponse>;
  /** `principal` is undefined for an unsigned request. */
  handleFunctionUrl(request: RestRequest, principal: Principal | undefined): Promise<RestResponse>;
}
