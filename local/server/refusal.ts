import { AwsError } from '../aws-error.ts';

/** Why a request was not let in: one set of reasons, which each protocol calls by other names. */
export type RefusalReason =
  | 'missing'
  | 'malformed'
  | 'unknown-key'
  | 'wrong-token'
  | 'expired-token'
  | 'mismatch'
  | 'skewed'
  | 'expired-presigned'
  | 'unsigned-headers'
  | 'wrong-region';

interface Names {
  readonly json: readonly [code: string, statusCode: number];
  readonly query: readonly [code: string, statusCode: number];
  readonly restJson: readonly [code: string, statusCode: number];
  readonly s3: readonly [code: string, statusCode: number];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html and each service's common errors. */
const NAMES: Readonly<Record<RefusalReason, Names>> = {
  missing: {
    json: ['MissingAuthenticationTokenException', 400],
    query: ['MissingAuthenticationToken', 403],
    restJson: ['MissingAuthenticationTokenException', 403],
    s3: ['AccessDenied', 403],
  },
  malformed: {
    json: ['IncompleteSignatureException', 400],
    query: ['IncompleteSignature', 400],
    restJson: ['IncompleteSignatureException', 403],
    s3: ['AuthorizationHeaderMalformed', 400],
  },
  'unknown-key': {
    json: ['UnrecognizedClientException', 400],
    query: ['InvalidClientTokenId', 403],
    restJson: ['UnrecognizedClientException', 403],
    s3: ['InvalidAccessKeyId', 403],
  },
  'wrong-token': {
    json: ['UnrecognizedClientException', 400],
    query: ['InvalidClientTokenId', 403],
    restJson: ['UnrecognizedClientException', 403],
    s3: ['InvalidToken', 400],
  },
  'expired-token': {
    json: ['ExpiredTokenException', 400],
    query: ['ExpiredToken', 403],
    restJson: ['ExpiredTokenException', 403],
    s3: ['ExpiredToken', 400],
  },
  mismatch: {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    restJson: ['InvalidSignatureException', 403],
    s3: ['SignatureDoesNotMatch', 403],
  },
  skewed: {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    restJson: ['InvalidSignatureException', 403],
    s3: ['RequestTimeTooSkewed', 403],
  },
  'expired-presigned': {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    restJson: ['InvalidSignatureException', 403],
    s3: ['AccessDenied', 403],
  },
  'unsigned-headers': {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    restJson: ['InvalidSignatureException', 403],
    s3: ['AccessDenied', 403],
  },
  'wrong-region': {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    restJson: ['InvalidSignatureException', 403],
    s3: ['AuthorizationHeaderMalformed', 400],
  },
};

export type Protocol = keyof Names;

export function refusal(reason: RefusalReason, protocol: Protocol, message: string): AwsError {
  const [code, statusCode] = NAMES[reason][protocol];
  return new AwsError(code, message, statusCode);
}
