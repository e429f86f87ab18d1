import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { detailOf } from '../../contracts/events/catalogue.ts';
import type { Fact } from '../../domain/fact.ts';
import type { Bus } from '../../domain/ports/bus.ts';

/** PutEvents takes at most 10 entries. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;

/** The Bus port on EventBridge. PutEvents can take some entries and refuse others: each result is looked at. */
export function createEventBridgeBus(client: EventBridgeClient, busName: string): Bus {
  return {
    async put(facts) {
      const refused: { fact: Fact; reason: string }[] = [];
      for (let start = 0; start < facts.length; start += MOST_ENTRIES) {
        const batch = facts.slice(start, start + MOST_ENTRIES);
        const refuseAll = (error: unknown) => {
          for (const fact of batch) refused.push({ fact, reason: String(error) });
        };
        const answer = await client
          .send(
            new PutEventsCommand({
              Entries: batch.map((fact) => ({
                EventBusName: busName,
                Source: 'sluice',
                DetailType: fact.type,
                Time: new Date(fact.at),
                Detail: JSON.stringify(detailOf(fact)),
              })),
            }),
          )
          .catch(refuseAll);
        answer?.Entries?.forEach((entry, index) => {
          if (entry.ErrorCode) {
            refused.push({ fact: batch[index] as Fact, reason: `${entry.ErrorCode}: ${entry.ErrorMessage}` });
          }
        });
      }
      return { refused };
    },
  };
}
