import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';
import type { TestRuntime } from '../../local/server/test-runtime.ts';

const run = promisify(execFile);

/** Debian's own first: it is the one that people who follow the README have. */
const CANDIDATES = ['/usr/bin/aws', 'aws'];

function found(): string | undefined {
  for (const candidate of CANDIDATES) {
    if (candidate.startsWith('/') && !existsSync(candidate)) continue;
    try {
      execFileSync(candidate, ['--version'], { stdio: 'pipe' });
      return candidate.startsWith('/') ? realpathSync(candidate) : candidate;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

const command = found();

/** Why tests with the AWS CLI cannot run here, or undefined when they can. */
export const awscliMissing: string | undefined =
  command === undefined ? 'no AWS CLI is installed here (apt-get install awscli)' : undefined;

/** Why what needs this command cannot run here: Debian 12 has a CLI of January 2023, which does not know what AWS added since. */
export function awscliLacks(service: string, subcommand: string): string | undefined {
  if (command === undefined) return awscliMissing;
  const { stderr } = spawnSync(command, [service, subcommand], { encoding: 'utf8', env: { PATH: process.env.PATH } });
  return /invalid choice/i.test(stderr) ? `the AWS CLI here has no "${service} ${subcommand}"` : undefined;
}

/** What the CLI says when AWS refuses. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
}

/** The AWS CLI as an administrator of one account of the runtime. */
export class AwsCli {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #url: string;

  constructor(runtime: Pick<TestRuntime, 'url' | 'adminCredentials'>, accountId: string, region: string) {
    const { accessKeyId, secretAccessKey } = runtime.adminCredentials(accountId);
    this.#url = runtime.url;
    this.#environment = {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      AWS_MAX_ATTEMPTS: '1',
    };
  }

  /** The JSON that a command prints; `{}` when it prints nothing. Throws CliFailure with what it prints on its error channel. */
  async json(...words: string[]): Promise<Record<string, unknown>> {
    const text = await this.text(...words, '--output', 'json');
    return text.trim() === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  async text(...words: string[]): Promise<string> {
    try {
      // Before 2.13 the CLI read no endpoint from its environment.
      const all = ['--endpoint-url', this.#url, ...words];
      const { stdout } = await run(command!, all, { env: this.#environment, maxBuffer: 64 * 1024 * 1024 });
      return stdout;
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      // Older versions say so even when they were told never to try again.
      throw new CliFailure((stderr?.trim() || message).replace(' (reached max retries: 0)', ''));
    }
  }
}
