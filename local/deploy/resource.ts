import type { JsonObject } from '../service.ts';

/** A resource of a stack as it is to be, with every intrinsic function already resolved. */
export interface ResourceRequest {
  readonly stackName: string;
  readonly logicalId: string;
  readonly properties: JsonObject;
  /** What the last deployment made of it; absent the first time. */
  readonly previous?: { readonly physicalId: string; readonly properties: JsonObject };
  /** The bytes of a packaged artifact, by the `S3Key` that the template gives it (or the key's file name). */
  readonly artifact: (s3Key: string) => Uint8Array;
}

/** A resource as it stands: what `Ref` gives and what `Fn::GetAtt` gives. */
export interface DeployedResource {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * One CloudFormation resource type. Each service brings its own handlers (`local/<service>/resources.ts`), so the deployer
 * knows no service and a service knows no template.
 */
export interface ResourceHandler {
  /** `AWS::S3::Bucket` */
  readonly type: string;
  /** The properties that are done here, top level; a template with any other is refused by name before anything is made. */
  readonly properties: readonly string[];
  /** Creates it, or brings the one that is there to these properties. Idempotent. Data in it is kept. */
  put(request: ResourceRequest): Promise<DeployedResource>;
  delete(physicalId: string): Promise<void>;
}
