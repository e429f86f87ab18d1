import { StateMachine } from 'aws-local-stepfunctions';

/** Milliseconds that aws-local-stepfunctions takes for a run. It keeps nothing: no history, no state, no disk. */
export async function libraryMs(definition: unknown, input: unknown): Promise<number> {
  const machine = new StateMachine(definition as ConstructorParameters<typeof StateMachine>[0]);
  const beganMs = performance.now();
  await machine.run(input as Parameters<StateMachine['run']>[0]).result;
  return performance.now() - beganMs;
}
