import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  SFNClient as Client,
  CreateStateMachineCommand,
  type SFNClient,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { conformanceFolder, readCases } from './suite.ts';

const FILE = join(conformanceFolder(), 'step-functions/executions.json.gz');
const skip = existsSync(FILE) ? undefined : `no recorded cases at ${FILE}; set SLUICE_CONFORMANCE`;

/** Of services that local/ does not have: valid, and refused by name when a machine is made of them. */
const ELSEWHERE = /^The resource arn:aws:states:::(?:sns:publish|aws-sdk:secretsmanager:\w+)/;

interface Case {
  readonly id: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly definition: unknown;
}

let runtime: TestRuntime;
let client: SFNClient;
beforeAll(async () => {
  runtime = await startTestRuntime();
  client = new Client(runtime.client(DEV));
});
afterAll(() => runtime.dispose());

describe(`the definitions that AWS was recorded executing${skip ? ` (skipped: ${skip})` : ''}`, () => {
  it.skipIf(skip)(
    'are all valid, and all made but for those of services that are not here',
    { timeout: 120_000 },
    async () => {
      const { cases } = readCases(FILE) as { cases: readonly Case[] };
      const roleArn = `arn:aws:iam::${DEV}:role/machine`;
      const refused: string[] = [];
      let made = 0;
      for (const [index, { id, type, definition: parsed }] of cases.entries()) {
        const definition = JSON.stringify(parsed).replaceAll('arn:<partition>:', 'arn:aws:');
        const { diagnostics } = await client.send(new ValidateStateMachineDefinitionCommand({ definition, type }));
        for (const { message, location } of diagnostics ?? []) refused.push(`${id}: ${message} at ${location}`);
        try {
          await client.send(new CreateStateMachineCommand({ name: `m${index}`, roleArn, definition, type }));
          made += 1;
        } catch (error) {
          const { name, message } = error as Error;
          if (name !== 'NotImplemented' || !ELSEWHERE.test(message)) refused.push(`${id}: ${name}: ${message}`);
        }
      }
      expect(refused).toEqual([]);
      expect(made).toBeGreaterThan(0.9 * cases.length);
    },
  );
});
