import { type ExitCode, exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';

export interface Explanation {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string | null;
}

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const START_HINT =
  'start the local environments with `npm start` (or `npx sluice up`), or name an AWS profile with `--profile`';

/** An error of a command, the SDK or an adapter as words for a person. Stack traces stay behind SLUICE_DEBUG=1. */
export function explainError(error: unknown): Explanation {
  for (const one of causes(error)) {
    if (one instanceof Failure) return { exitCode: one.exitCode, message: one.message, hint: one.hint };
    const explained = explainSdkError(one as SdkError);
    if (explained) return explained;
  }
  const message = error instanceof Error ? error.message || error.name : String(error);
  return { exitCode: exitCodes.failed, message, hint: null };
}

/** The error and what caused it, outermost first: adapters wrap what the SDK threw. */
function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = error; one !== undefined && one !== null && chain.length < 10; one = (one as SdkError).cause)
    chain.push(one);
  return chain;
}

function explainSdkError(error: SdkError): Explanation | undefined {
  const name = error.name ?? '';
  const code = error.code ?? '';
  const said = error.message ?? name;
  if (/^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|EPIPE)$/.test(code)) {
    return {
      exitCode: exitCodes.unreachable,
      message: `The environment does not answer: ${said || code}`,
      hint: START_HINT,
    };
  }
  if (/^(CredentialsProviderError|TokenProviderError)$/.test(name)) {
    return { exitCode: exitCodes.unreachable, message: `No credentials: ${said}`, hint: START_HINT };
  }
  if (
    /^(ExpiredToken|ExpiredTokenException|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException)$/.test(
      name,
    )
  ) {
    return {
      exitCode: exitCodes.unreachable,
      message: `The credentials are not accepted: ${said}`,
      hint: 'sign in again (for AWS: `aws sso login`; locally: run `npx sluice up` again, which writes new ones)',
    };
  }
  if (/^AccessDenied/.test(name) || error.$metadata?.httpStatusCode === 403) {
    return {
      exitCode: exitCodes.denied,
      message: `Not allowed: ${said}`,
      hint: 'use a profile whose role may do this, with `--profile`',
    };
  }
  if (/^(ResourceNotFoundException|NoSuchBucket|StateMachineDoesNotExist|QueueDoesNotExist)$/.test(name)) {
    return {
      exitCode: exitCodes.notFound,
      message: `Sluice is not deployed there: ${said}`,
      hint: 'check `--env` and `--profile`; README.md says how to deploy',
    };
  }
  return undefined;
}
