import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RuntimeAccount {
  readonly accountId: string;
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a client of this machine needs to know of a running runtime. */
export interface RuntimeDescription {
  readonly url: string;
  readonly port: number;
  readonly region: string;
  readonly pid: number;
  readonly accounts: readonly RuntimeAccount[];
}

const RUNTIME = 'runtime.json';

/**
 * Writes `runtime.json`, and `credentials` and `config` as the AWS CLI and the SDKs read them through
 * AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE: one profile an account. Only their owner can read them.
 */
export function writeRuntimeFiles(directory: string, description: RuntimeDescription): void {
  const { url, region, accounts } = description;
  write(join(directory, RUNTIME), `${JSON.stringify(description, null, 2)}\n`);
  write(
    join(directory, 'credentials'),
    accounts
      .map((account) =>
        [
          `[${account.name}]`,
          `aws_access_key_id = ${account.accessKeyId}`,
          `aws_secret_access_key = ${account.secretAccessKey}`,
          '',
        ].join('\n'),
      )
      .join('\n'),
  );
  write(
    join(directory, 'config'),
    accounts
      .map((account) =>
        [
          `[profile ${account.name}]`,
          `region = ${region}`,
          `endpoint_url = ${url}`,
          's3 =',
          '  addressing_style = path',
          '',
        ].join('\n'),
      )
      .join('\n'),
  );
}

/** The runtime that runs in this directory, or did until it was killed; undefined when it was stopped or never ran. */
export function readRuntimeFile(directory: string): RuntimeDescription | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, RUNTIME), 'utf8')) as RuntimeDescription;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export const removeRuntimeFile = (directory: string): void => rmSync(join(directory, RUNTIME), { force: true });

/** Whole or not at all: a reader never sees half a file. */
function write(file: string, text: string): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}
