// Runs inside a worker thread: one function, one event at a time. Plain JavaScript, because stripping types would cost every
// cold start the loading of the type stripper. What is said between the two threads is in `messages.ts`.
import { access, realpath } from 'node:fs/promises';
import { enableCompileCache, flushCompileCache, registerHooks } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, types } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';

const { taskRoot, handler: handlerName, runtime, compileCache, logFormat, logLevel, functionContext } = workerData;
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

let requestId = '';
const post = (message) => parentPort.postMessage(message);
const writeLog = (text) => post({ type: 'log', requestId, text });

captureOutput();
catchStrays();
const handler = await load();
if (handler) {
  parentPort.on('message', (message) => void invoke(message));
  post({ type: 'ready' });
  // Now, since a thread that is terminated writes nothing.
  flushCompileCache();
}

function captureOutput() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, callback) => {
      writeLog(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = typeof encoding === 'function' ? encoding : callback;
      if (done) queueMicrotask(done);
      return true;
    };
  }
  const methods = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };
  for (const [method, level] of Object.entries(methods)) {
    console[method] = (...values) => {
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(logLevel)) writeLog(`${formatLine(level, values)}\n`);
    };
  }
}

function formatLine(level, values) {
  const timestamp = new Date().toISOString();
  if (logFormat !== 'JSON') return `${timestamp}\t${requestId}\t${level}\t${format(...values)}`;
  const message = values.length === 1 && typeof values[0] === 'object' ? values[0] : format(...values);
  try {
    return JSON.stringify({ timestamp, level, requestId, message });
  } catch {
    return JSON.stringify({ timestamp, level, requestId, message: format(...values) });
  }
}

function catchStrays() {
  process.on('uncaughtException', (error) => post({ type: 'crash', error: describe(error) }));
  process.on('unhandledRejection', (reason) => {
    const { errorMessage, trace } = describe(reason);
    const text = types.isNativeError(reason) ? `${reason.name}: ${errorMessage}` : errorMessage;
    post({ type: 'crash', error: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: text, trace } });
  });
}

/** The handler, or undefined when there is none; then the parent has been told why. */
async function load() {
  try {
    enableCompileCache(compileCache);
    await keepToBundle();
    return await findHandler();
  } catch (error) {
    const failure = error.lambdaErrorType
      ? { errorType: error.lambdaErrorType, errorMessage: error.message, trace: [] }
      : describeLoadError(error);
    post({ type: 'init-failed', error: failure });
    return undefined;
  }
}

/** A module that the package lacks must be missing here too, even where the packages of this repository are within reach. */
async function keepToBundle() {
  const root = `${pathToFileURL(await realpath(taskRoot)).href}/`;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      if (resolved.url.startsWith('file:') && !resolved.url.startsWith(root)) {
        const error = new Error(`Cannot find module '${specifier}': it is not in the function's package`);
        error.code = 'MODULE_NOT_FOUND';
        throw error;
      }
      return resolved;
    },
  });
}

async function findHandler() {
  const file = basename(handlerName);
  const match = /^([^.]*)\.(.*)$/.exec(file);
  if (!match || handlerName.includes('..'))
    throw lambdaError('Runtime.MalformedHandlerName', `Bad handler ${handlerName}`);
  const [, moduleName, exportName] = match;
  const base = resolve(await realpath(taskRoot), dirname(handlerName), moduleName);
  const path = await firstExisting(EXTENSIONS.map((extension) => base + extension));
  if (!path) {
    throw lambdaError(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${join(dirname(handlerName), moduleName)}'`,
    );
  }
  const namespace = await import(pathToFileURL(path).href);
  const exported = exportName.split('.').reduce((value, name) => value?.[name], namespace);
  const found = exported ?? exportName.split('.').reduce((value, name) => value?.[name], namespace.default);
  if (found === undefined) {
    throw lambdaError('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  }
  if (typeof found !== 'function') throw lambdaError('Runtime.HandlerNotFound', `${handlerName} is not a function`);
  if (found.length > 2 && runtime !== 'nodejs22.x') {
    throw lambdaError(
      'Runtime.CallbackHandlerDeprecated',
      `AWS Lambda has removed support for callback-based function handlers in ${runtime}. Use an async handler.`,
    );
  }
  return found;
}

async function firstExisting(paths) {
  for (const path of paths) {
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists && (path.endsWith('.js') || path.endsWith('.mjs') || path.endsWith('.cjs'))) return path;
  }
  return undefined;
}

function lambdaError(lambdaErrorType, message) {
  return Object.assign(new Error(message), { lambdaErrorType });
}

function describeLoadError(error) {
  const failure = describe(error);
  if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
    return { ...failure, errorType: 'Runtime.ImportModuleError', errorMessage: `Error: ${failure.errorMessage}` };
  }
  if (error instanceof SyntaxError) {
    return {
      ...failure,
      errorType: 'Runtime.UserCodeSyntaxError',
      errorMessage: `SyntaxError: ${failure.errorMessage}`,
    };
  }
  return failure;
}

async function invoke({ requestId: id, payload, invokedFunctionArn, clientContext, timeoutMs }) {
  requestId = id;
  const deadlineMs = Date.now() + timeoutMs;
  const context = {
    ...functionContext,
    awsRequestId: id,
    invokedFunctionArn,
    callbackWaitsForEmptyEventLoop: true,
    clientContext,
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
  try {
    const result = await call(JSON.parse(payload), context);
    post({ type: 'answer', requestId: id, payload: toPayload(result), memoryBytes: memoryBytes() });
  } catch (error) {
    const failure = describe(error);
    writeLog(`${formatLine('ERROR', [describeFailure(failure)])}\n`);
    post({ type: 'failure', requestId: id, error: failure, memoryBytes: memoryBytes() });
  }
}

/** What Node's runtime on AWS writes into the log of a function that threw. */
function describeFailure({ errorType, errorMessage, trace }) {
  if (logFormat === 'JSON') return { errorType, errorMessage, stackTrace: trace };
  return `Invoke Error\t${JSON.stringify({ errorType, errorMessage, stack: trace })}`;
}

/** What the function holds after its event, the most that can be told of one thread. */
function memoryBytes() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

function toPayload(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw Object.assign(new Error('Unable to stringify response body'), { name: 'Runtime.MarshalError' });
  }
}

function call(event, context) {
  if (handler.length <= 2) return handler(event, context);
  return new Promise((resolvePromise, reject) => {
    const answered = handler(event, context, (error, result) => (error ? reject(error) : resolvePromise(result)));
    if (typeof answered?.then === 'function') answered.then(resolvePromise, reject);
  });
}

/** What the function threw, in the shape that AWS gives callers; the name goes out unchanged. */
function describe(error) {
  if (types.isNativeError(error) || (error && error.message !== undefined && error.stack !== undefined)) {
    return {
      errorType: String(error.name),
      errorMessage: String(error.message),
      trace: String(error.stack).split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}
