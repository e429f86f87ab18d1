import { fromEnv } from '@aws-sdk/credential-providers';
import type { Endpoint } from '../../domain/ports/endpoint.ts';
import { createUrlEndpoint } from '../aws/url-endpoint.ts';
import { setting } from '../system/settings.ts';

/** The predict endpoint of this deployment, asked with the function's own role. Lambda gives the role's credentials in the environment. */
export const ownEndpoint = (): Endpoint =>
  createUrlEndpoint(setting('SLUICE_PREDICT_URL'), fromEnv(), process.env.AWS_REGION ?? '');
