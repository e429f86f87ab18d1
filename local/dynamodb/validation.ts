import { AwsError } from '../aws-error.ts';

/** A request that DynamoDB refuses before it looks at data. */
export const validationError = (message: string): AwsError => new AwsError('ValidationException', message, 400);

export const invalidParameters = (detail: string): AwsError =>
  validationError(`One or more parameter values were invalid: ${detail}`);
