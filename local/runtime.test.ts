import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromIni } from '@aws-sdk/credential-providers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startRuntime } from './runtime.ts';
import { readRuntimeFile } from './runtime-files.ts';
import { ACC, DEV, REGION, startTestRuntime } from './server/test-runtime.ts';

const run = promisify(execFile);
const awsIsInstalled = await run('aws', ['--version']).then(
  () => true,
  () => false,
);

describe('the local runtime', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-runtime-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('a second one on the same directory is refused, and the first goes on', async () => {
    const first = await startTestRuntime({ directory });
    await expect(startTestRuntime({ directory })).rejects.toThrow(
      `Another local runtime is using ${directory} (see runtime.json there). Stop it first`,
    );
    await expect(new STSClient(first.client(DEV)).send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Account: DEV,
    });
    await first.stop();
    const again = await startTestRuntime({ directory });
    await again.stop();
  });

  test('a port that is taken is refused in words, and the stores are let go', async () => {
    const first = await startTestRuntime();
    const options = { directory, port: first.port, region: REGION, accounts: [{ accountId: DEV, name: 'dev' }] };
    await expect(startRuntime(options)).rejects.toThrow(`Port ${first.port} on 127.0.0.1 is in use`);
    await first.dispose();
    const second = await startRuntime(options);
    await second.stop();
  });

  test('keys and what they encrypted outlive a restart', async () => {
    const first = await startTestRuntime({ directory });
    const { attributes } = await first.put(DEV, 'AWS::KMS::Key', {});
    const { CiphertextBlob } = await new KMSClient(first.client(DEV)).send(
      new EncryptCommand({ KeyId: attributes.Arn, Plaintext: new Uint8Array([1, 2, 3]) }),
    );
    const before = first.adminCredentials(DEV);
    await first.stop();

    const second = await startTestRuntime({ directory });
    expect(second.adminCredentials(DEV)).toEqual(before);
    const { Plaintext } = await new KMSClient(second.client(DEV)).send(
      new DecryptCommand({ CiphertextBlob: CiphertextBlob as Uint8Array }),
    );
    expect(Plaintext).toEqual(new Uint8Array([1, 2, 3]));
    await second.stop();
  });

  test('nothing that it keeps can be read by others', async () => {
    const runtime = await startTestRuntime({ directory });
    await runtime.put(DEV, 'AWS::KMS::Key', {});
    const files = (readdirSync(directory, { recursive: true }) as string[]).map((name) => join(directory, name));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(statSync(file).mode & 0o077, file).toBe(0);
    await runtime.stop();
  });

  test('it says where it is while it runs, and no longer when it has stopped', async () => {
    const runtime = await startTestRuntime({ directory });
    expect(readRuntimeFile(directory)).toMatchObject({
      url: runtime.url,
      port: runtime.port,
      pid: process.pid,
      accounts: [
        { accountId: DEV, name: 'test-dev', ...runtime.adminCredentials(DEV) },
        { accountId: ACC, name: 'test-acc' },
      ],
    });
    await runtime.stop();
    expect(readRuntimeFile(directory)).toBeUndefined();
    expect(readFileSync(join(directory, 'credentials'), 'utf8')).toContain('[test-dev]');
  });

  test('the SDK finds its way with the profile files alone', async () => {
    const runtime = await startTestRuntime({ directory });
    const files = { filepath: join(directory, 'credentials'), configFilepath: join(directory, 'config') };
    const sts = new STSClient({
      region: REGION,
      endpoint: runtime.url,
      credentials: fromIni({ profile: 'test-acc', ...files, ignoreCache: true }),
    });
    await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({ Account: ACC });
    await runtime.stop();
  });

  test.each([
    { case: 'no accounts', accounts: [], says: 'at least one account' },
    { case: 'an id of eleven digits', accounts: [{ accountId: '1'.repeat(11), name: 'a' }], says: 'twelve digits' },
    { case: 'a name that is no profile', accounts: [{ accountId: DEV, name: 'a]\nb' }], says: 'AWS profile' },
    {
      case: 'one id twice',
      accounts: [
        { accountId: DEV, name: 'a' },
        { accountId: DEV, name: 'b' },
      ],
      says: 'same id',
    },
  ])('$case is refused', async ({ accounts, says }) => {
    await expect(startRuntime({ directory, port: 0, region: REGION, accounts })).rejects.toThrow(says);
  });

  describe.skipIf(!awsIsInstalled)('the AWS CLI (skipped where `aws` is not installed)', () => {
    test('works with the keys of the profile files: STS, KMS, S3', async () => {
      const runtime = await startTestRuntime({ directory });
      const aws = async (...words: string[]) => {
        // Before version 2.13 the CLI goes to AWS whatever endpoint the profile names, unless it is told here.
        const local = ['--endpoint-url', runtime.url, '--profile', 'test-dev', '--output', 'json'];
        const { stdout } = await run('aws', [...words, ...local], {
          env: {
            PATH: process.env.PATH,
            AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
            AWS_CONFIG_FILE: join(directory, 'config'),
          },
        });
        return stdout.trim() === '' ? undefined : JSON.parse(stdout);
      };
      expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: DEV });

      const key = await runtime.put(DEV, 'AWS::KMS::Key', { Description: 'seen by the CLI' }, 'Key');
      expect(await aws('kms', 'describe-key', '--key-id', key.physicalId)).toMatchObject({
        KeyMetadata: { Arn: key.attributes.Arn, Description: 'seen by the CLI' },
      });

      await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'cli-bucket' }, 'Bucket');
      const [up, down] = [join(directory, 'up'), join(directory, 'down')];
      // Over the CLI's 8 MB: it goes up in parts, each with its own streamed signature.
      const content = randomBytes(20 * 1024 * 1024);
      writeFileSync(up, content);
      await aws('s3', 'cp', up, 's3://cli-bucket/a b/+ü', '--only-show-errors');
      await aws('s3', 'cp', 's3://cli-bucket/a b/+ü', down, '--only-show-errors');
      expect(readFileSync(down).equals(content)).toBe(true);
      await runtime.stop();
    });
  });
});
