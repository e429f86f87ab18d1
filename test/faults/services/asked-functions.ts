import { InvokeCommand } from '@aws-sdk/client-lambda';
import { patiently } from '../patiently.ts';
import { again, type Load, type LoadContext } from './load.ts';
import type { Fate } from './possible-states.ts';
import { FUNCTION } from './stack.ts';

/** A bound for something that went wrong, not a wait. */
const LONGEST_MS = 60_000;

/** Invokes a function without waiting for it. */
export function askedFunctions(context: LoadContext): Load {
  const { lambda, caller, tell } = context;
  const fates: Fate[] = [];

  async function ask(): Promise<void> {
    const n = fates.push('unknown');
    const request = { FunctionName: FUNCTION, InvocationType: 'Event', Payload: JSON.stringify({ asked: n }) } as const;
    const outcome = await caller.attempt(() => lambda.send(new InvokeCommand(request)));
    fates[n - 1] = outcome.fate;
  }

  return {
    run: () => again(context, 150, ask),
    async check() {
      const problems = () => problemsOfAsked(fates, context.records<{ asked: number }>('asked'));
      const isOver = async () => problems().length === 0 || undefined;
      await patiently('every invocation', isOver, LONGEST_MS).catch(() => {});
      problems().forEach(tell);
    },
  };
}

/** What is wrong: each acknowledged event ran, at least once, and none that nobody sent. */
export function problemsOfAsked(fates: readonly Fate[], ran: readonly { readonly asked: number }[]): string[] {
  const numbers = new Set(ran.map(({ asked }) => asked));
  const lost = fates.flatMap((fate, at) => (fate === 'acknowledged' && !numbers.has(at + 1) ? [at + 1] : []));
  const strange = [...numbers].filter((asked) => fates[asked - 1] === undefined);
  return [
    ...lost.map((asked) => `the function never ran for event ${asked}`),
    ...strange.map((asked) => `the function ran for event ${asked}, which nobody sent`),
  ];
}
