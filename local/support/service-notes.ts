/** Properties of a CloudFormation type, or members of a request, that are taken and change nothing. */
export interface WithoutEffect {
  /** A CloudFormation type. */
  readonly type: string;
  readonly properties: readonly string[];
  /** `shown`: describing the resource gives them back. `kept`: stored only. `dropped`: not even stored. */
  readonly as: 'shown' | 'kept' | 'dropped';
  readonly why?: string;
}

/** What of a service the code cannot say by itself. */
export interface ServiceNotes {
  /** As in an ARN and in `AccountServices`; also the section's place in the page. */
  readonly service: string;
  readonly title: string;
  /** `AWS::KMS::`: the types that belong to the section. */
  readonly typePrefixes: readonly string[];
  readonly does: readonly string[];
  readonly withoutEffect: readonly WithoutEffect[];
  /** Operations of the API that somebody may look for in vain. */
  readonly refusedOperations?: readonly string[];
  readonly refused: readonly string[];
  readonly differs: readonly string[];
}
