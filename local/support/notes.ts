import { cloudTrailNotes } from './notes/cloudtrail.ts';
import { cloudWatchNotes } from './notes/cloudwatch.ts';
import { dynamodbNotes } from './notes/dynamodb.ts';
import { eventbridgeNotes } from './notes/eventbridge.ts';
import { iamNotes } from './notes/iam.ts';
import { kmsNotes } from './notes/kms.ts';
import { lambdaNotes } from './notes/lambda.ts';
import { logsNotes } from './notes/logs.ts';
import { s3Notes } from './notes/s3.ts';
import { sageMakerNotes } from './notes/sagemaker.ts';
import { sqsNotes } from './notes/sqs.ts';
import { stepFunctionsNotes } from './notes/step-functions.ts';
import type { ServiceNotes } from './service-notes.ts';

/** In the order of the page. */
export const NOTES: readonly ServiceNotes[] = [
  iamNotes,
  kmsNotes,
  sqsNotes,
  dynamodbNotes,
  eventbridgeNotes,
  stepFunctionsNotes,
  lambdaNotes,
  logsNotes,
  cloudWatchNotes,
  cloudTrailNotes,
  sageMakerNotes,
  s3Notes,
];

/** Of the deployment itself, beside the types. */
export const TEMPLATE_NOTES = {
  done: [
    'Sections `Parameters` (String, Number, CommaDelimitedList, List<Number>), `Mappings`, `Conditions`, `Resources`, `Outputs`; `Metadata` and descriptions are taken and mean nothing.',
    '`DependsOn`, `Condition`, `DeletionPolicy` and `UpdateReplacePolicy` (`Delete`, `Retain`, `RetainExceptOnCreate`).',
  ],
  refused: [
    'Any other section (`Transform`, `Rules`), type, property or function: the whole template is refused, with every such place named, before anything is made.',
    '`Fn::ImportValue`; an output’s `Export` is taken and nobody can import it.',
    '`DeletionPolicy: Snapshot`.',
  ],
} as const;
