import fc from 'fast-check';
import { refusalMessage, validateDefinition } from '../../../local/step-functions/definition/validate-definition.ts';
import { disagreement } from './agreement.ts';
import { interruptionShows } from './interruption.ts';
import { type GeneratedMachine, generatedMachine } from './machines.ts';

/** What holds of every generated machine. Each answers in what way it does not, undefined when it does. */
export const LAWS = {
  'its definition is valid': async ({ definition }: GeneratedMachine) =>
    refusalMessage(validateDefinition(JSON.stringify(definition), 'STANDARD').issues),
  'a naive interpreter agrees with the engine on status, output, error, cause and the tasks that are called':
    disagreement,
  'interrupted after any event and resumed, it has the history and the output of an uninterrupted run': (
    machine: GeneratedMachine,
  ) => interruptionShows(machine, 'everywhere'),
} as const;

export type Law = keyof typeof LAWS;

export interface BrokenLaw {
  readonly law: Law;
  readonly seed: number;
  readonly how: string;
  /** The smallest machine that was found to break it. */
  readonly machine: GeneratedMachine;
}

/** Tries a law on so many machines, which follow from the seed alone. */
export async function tryLaw(law: Law, seed: number, machines: number): Promise<BrokenLaw | undefined> {
  let how = '';
  const property = fc.asyncProperty(generatedMachine, async (machine) => {
    const problem = await LAWS[law](machine);
    if (problem === undefined) return true;
    how = problem;
    return false;
  });
  const result = await fc.check(property, { seed, numRuns: machines });
  if (!result.failed) return undefined;
  const [machine] = result.counterexample!;
  return { law, seed, machine, how: (await LAWS[law](machine)) ?? how };
}
