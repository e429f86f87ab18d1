/** For killed-runtime.ts: the runtime with the stack that lies in the folder, in a process that is killed. Arguments: folder, port. */
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { deployStack } from '../../local/deploy/deploy-stack.ts';
import { startRuntime } from '../../local/runtime.ts';
import { ACCOUNT, REGION } from './killed-account.ts';

const [folder, port] = process.argv.slice(2) as [string, string];
const runtime = await startRuntime({
  directory: join(folder, 'home'),
  port: Number(port),
  region: REGION,
  accounts: [{ accountId: ACCOUNT, name: 'load' }],
});
await deployStack({
  stackName: 'load',
  templateDirectory: folder,
  accountId: ACCOUNT,
  region: REGION,
  handlers: runtime.resourceHandlers(ACCOUNT),
  store: runtime.store(ACCOUNT),
});
// Whoever started it must not leave it behind.
process.on('disconnect', () => process.exit(0));
// A process that is killed writes nothing down at its end.
flushCompileCache();
process.send?.({ url: runtime.url, credentials: runtime.adminCredentials(ACCOUNT) });
