import { Sha256 } from '@aws-crypto/sha256-js';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { SignatureV4 } from '@smithy/signature-v4';

/** POSTs JSON to a Lambda function URL with IAM auth, signed with SigV4 as AWS demands. */
export async function signedPost(
  url: string,
  body: string,
  { credentials, region }: { credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider; region: string },
): Promise<{ status: number; text: string }> {
  const { hostname, port, pathname, protocol, host } = new URL(url);
  const signer = new SignatureV4({ service: 'lambda', region, credentials, sha256: Sha256 });
  const request = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port && { port: Number(port) }),
    path: pathname,
    query: {},
    headers: { host, 'content-type': 'application/json' },
    body,
  });
  const answer = await fetch(url, { method: 'POST', headers: request.headers, body });
  return { status: answer.status, text: await answer.text() };
}
