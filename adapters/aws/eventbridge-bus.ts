import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { detailOf } from '../../contracts/events/catalogue.ts';
import type { Fact } from '../../domain/fact.ts';
import type { Bus } from '../../domain/ports/bus.ts';

/** PutEvents takes at most 10 entries. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;

const entryOf = (fact: Fact, busName: string): PutEventsRequestEntry => ({
  EventBusName: busName,
  Source: 'sluice',
  DetailType: fact.type,
  Time: new Date(fact.at),
  Detail: JSON.stringify(detailOf(fact)),
});

/** The Bus port on EventBridge. PutEvents can take some entries and refuse others: each result is looked at. */
export function createEventBridgeBus(client: EventBridgeClient, busName: string): Bus {
  return {
    async put(facts) {
      const refused: { fact: Fact; reason: string }[] = [];
      for (let start = 0; start < facts.length; start += MOST_ENTRIES) {
        const batch: Fact[] = [];
        const entries: PutEventsRequestEntry[] = [];
        for (const fact of facts.slice(start, start + MOST_ENTRIES)) {
          try {
            entries.push(entryOf(fact, busName));
            batch.push(fact);
          } catch (error) {
            // It breaks its contract: a defect, and no reason to hold the others back.
            refused.push({ fact, reason: String(error) });
          }
        }
        if (batch.length === 0) continue;
        const refuseAll = (error: unknown) => {
          for (const fact of batch) refused.push({ fact, reason: String(error) });
        };
        const answer = await client.send(new PutEventsCommand({ Entries: entries })).catch(refuseAll);
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
