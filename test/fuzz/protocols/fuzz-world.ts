/** What the requests of the fuzz are about: what is deployed in the runtime that gets them, and who sends them. */
export const ACCOUNT = '111111111111';
export const OTHER_ACCOUNT = '222222222222';
export const REGION = 'eu-west-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/role`;

export const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface FuzzWorld {
  readonly port: number;
  /** The administrator of ACCOUNT. */
  readonly credentials: Credentials;
  /** A session of ROLE. */
  readonly session: Credentials;
  readonly keyId: string;
  readonly signingKeyId: string;
  readonly queueUrl: string;
  readonly functionUrlPath: string;
  readonly executionArn: string;
  /** What KMS made of `hello`, in base64. */
  readonly ciphertext: string;
}
