import type { AccessKey } from '../iam/credentials.ts';
import type { JsonObject, OperationService, Principal, RestRequest, RestResponse, RestService } from '../service.ts';

/** What the listener needs of the runtime: who a key belongs to, and somebody to answer. */
export interface Gateway {
  findAccessKey(accessKeyId: string): AccessKey | undefined;
  callOperation(
    service: OperationService['name'],
    operation: string,
    input: JsonObject,
    caller: { readonly principal: Principal; readonly requestId: string },
  ): Promise<JsonObject>;
  queryErrorCode(service: OperationService['name'], code: string): string;
  handleRest(
    service: RestService['name'],
    request: RestRequest,
    caller: { readonly principal: Principal; readonly requestId: string },
  ): Promise<RestResponse>;
  /** `principal` is undefined for an unsigned request. */
  handleFunctionUrl(request: RestRequest, principal: Principal | undefined): Promise<RestResponse>;
}
