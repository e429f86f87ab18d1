import { parseArn } from '../../arn.ts';

export type Pattern = 'request-response' | 'sync' | 'sync:2' | 'waitForTaskToken';

/** What a Task's Resource names. */
export type TaskResource =
  | { readonly kind: 'LambdaFunction'; readonly arn: string }
  | { readonly kind: 'Activity'; readonly arn: string }
  | {
      readonly kind: 'Task';
      /** `lambda`, `aws-sdk:dynamodb`: as the history's `resourceType`. */
      readonly resourceType: string;
      /** `invoke.waitForTaskToken`: as the history's `resource`. */
      readonly resource: string;
      readonly action: string;
      readonly pattern: Pattern;
    };

/** Undefined when the text is no ARN that a Task can have. */
export function parseResource(text: string): TaskResource | undefined {
  const arn = parseArn(text);
  if (!arn) return undefined;
  if (arn.service === 'lambda' && arn.resource.startsWith('function:')) return { kind: 'LambdaFunction', arn: text };
  if (arn.service !== 'states') return undefined;
  if (arn.resource.startsWith('activity:')) return { kind: 'Activity', arn: text };
  const match = /^((?:aws-sdk:)?[a-zA-Z0-9-]+):([a-zA-Z0-9]+)(?:\.(sync:2|sync|waitForTaskToken))?$/.exec(arn.resource);
  if (!match) return undefined;
  const [, resourceType, action, pattern] = match as unknown as [string, string, string, Pattern | undefined];
  return {
    kind: 'Task',
    resourceType,
    resource: pattern ? `${action}.${pattern}` : action,
    action,
    pattern: pattern ?? 'request-response',
  };
}
