import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { EndpointUnavailable } from '../../domain/errors.ts';
import type { Endpoint, PredictResponse } from '../../domain/ports/endpoint.ts';
import { signedPost } from './signed-fetch.ts';

/** The Endpoint port on the predict function's URL. */
export function createUrlEndpoint(url: string, credentials: AwsCredentialIdentityProvider, region: string): Endpoint {
  return {
    async predict(request) {
      const answer = await signedPost(url, JSON.stringify(request), { credentials, region }).catch((error: unknown) => {
        throw new EndpointUnavailable(`the predict endpoint did not answer: ${error}`, { cause: error });
      });
      if (answer.status === 200) return { ok: true, response: JSON.parse(answer.text) as PredictResponse };
      if (answer.status === 429 || answer.status >= 500) {
        throw new EndpointUnavailable(`the predict endpoint answered ${answer.status}: ${answer.text.slice(0, 500)}`);
      }
      return { ok: false, status: answer.status, message: answer.text.slice(0, 500) };
    },
  };
}
