import type { AccessRefusal } from '../iam/access.ts';
import type { JsonObject, Principal } from '../service.ts';
import type { TrailEvent } from './event-history.ts';

/** IAM's prefix of an action → the host that CloudTrail names, where they differ. */
const SOURCES: ReadonlyMap<string, string> = new Map([['cloudwatch', 'monitoring.amazonaws.com']]);

/**
 * A call that was denied, as CloudTrail records it, with what decided in `additionalEventData`. It holds no secret: of the request there are
 * the action and the resource alone.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function deniedEvent({ call, action, resourceArn, error, remedy }: AccessRefusal): TrailEvent {
  const { principal, accountId, region, requestId, origin } = call;
  const [prefix = '', eventName = ''] = action.split(':');
  return {
    userIdentity: userIdentity(principal),
    eventSource: SOURCES.get(prefix) ?? `${prefix}.amazonaws.com`,
    eventName,
    awsRegion: region,
    sourceIPAddress: origin?.sourceIp ?? principal.takenBy ?? principal.via ?? principal.arn,
    ...(origin?.userAgent === undefined ? {} : { userAgent: origin.userAgent.slice(0, 1024) }),
    errorCode: error.code,
    errorMessage: error.message,
    additionalEventData: { action, ...remedy },
    requestID: requestId,
    resources: [{ ARN: resourceArn, accountId }],
    eventType: principal.kind === 'service' ? 'AwsServiceEvent' : 'AwsApiCall',
    recipientAccountId: accountId,
  };
}

const TYPES: Readonly<Record<Principal['kind'], string>> = {
  root: 'Root',
  user: 'IAMUser',
  'assumed-role': 'AssumedRole',
  service: 'AWSService',
};

function userIdentity(principal: Principal): JsonObject {
  const { kind, arn, accountId, userId, roleArn, sourceArn, takenBy } = principal;
  if (kind === 'service')
    return { type: TYPES[kind], invokedBy: arn, ...(sourceArn === undefined ? {} : { sourceArn }) };
  return {
    type: TYPES[kind],
    principalId: userId,
    arn,
    accountId,
    ...(roleArn === undefined
      ? {}
      : {
          sessionContext: {
            sessionIssuer: { type: 'Role', arn: roleArn, accountId, userName: roleArn.split('/').at(-1) },
          },
        }),
    ...(takenBy === undefined ? {} : { invokedBy: takenBy }),
  };
}
