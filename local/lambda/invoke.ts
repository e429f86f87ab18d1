import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { AccountContext, Call } from '../service.ts';
import type { AsyncQueue } from './async/async-queue.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { FunctionReference, Functions } from './functions.ts';
import { type InvocationResult, type Invoker, MOST_SYNC_BYTES } from './invoker.ts';
import { tooLarge } from './read-body.ts';

interface InvokeDeps {
  readonly ctx: AccountContext;
  readonly functions: Functions;
  readonly invoker: Invoker;
  readonly queue: AsyncQueue;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_ASYNC_BYTES = 1024 * 1024;

/** The three ways of `Invoke`, whoever asks: judged, checked, done. */
export class Invoke {
  readonly #deps: InvokeDeps;

  constructor(deps: InvokeDeps) {
    this.#deps = deps;
  }

  /** DryRun: throws what a real one would, short of running. */
  check({ name, qualifier }: FunctionReference, call: Call): FunctionDefinition {
    const { functions } = this.#deps;
    authorize({
      call,
      action: 'lambda:InvokeFunction',
      resourceArn: functions.arnOf(name, qualifier),
      resourcePolicy: functions.policyOf(name),
      context: { 'lambda:InvokedViaFunctionUrl': 'false' },
    });
    return functions.choose(name, qualifier) ?? functions.require(name, qualifier);
  }

  /** RequestResponse. */
  async run(
    reference: FunctionReference,
    payload: string,
    call: Call,
    clientContext?: unknown,
  ): Promise<{ readonly result: InvocationResult; readonly definition: FunctionDefinition }> {
    const definition = this.check(reference, call);
    checkPayload(payload, MOST_SYNC_BYTES);
    const result = await this.#deps.invoker.invoke(definition, {
      requestId: call.requestId,
      payload,
      invokedFunctionArn: this.#deps.functions.arnOf(reference.name, reference.qualifier),
      ...(clientContext === undefined ? {} : { clientContext }),
    });
    return { result, definition };
  }

  /** Event: on disk when it returns. */
  queue(reference: FunctionReference, payload: string, call: Call): void {
    this.check(reference, call);
    checkPayload(payload, MOST_ASYNC_BYTES);
    this.#deps.queue.add(reference, payload, call.requestId);
  }
}

function checkPayload(payload: string, most: number): void {
  if (Buffer.byteLength(payload) > most) throw tooLarge(most);
  try {
    JSON.parse(payload);
  } catch {
    throw new AwsError(
      'InvalidRequestContentException',
      'Could not parse request body into json: it is not JSON.',
      400,
      {
        Type: 'User',
      },
    );
  }
}
