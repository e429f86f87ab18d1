import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  PutEventsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { patiently } from '../patiently.ts';
import { again, type Load, type LoadContext } from './load.ts';
import { Mailbox } from './mailbox.ts';
import { drain } from './messages.ts';
import { ARCHIVE, ARCHIVE_ARN, BUS, BUS_ARN, REPLAY_RULE_ARN } from './stack.ts';
import { type HeardEvent, problemsOfArchive, problemsOfRule, type SentEvent } from './told-events.ts';

const MOST_AT_ONCE = 4;
const WANTED = 0.7;
/** A bound for something that went wrong, not a wait. */
const LONGEST_REPLAY_MS = 120_000;

/** Puts events of which a rule sends some to a queue and to a listener that is often not to be had, and an archive keeps all; reads the queue at the same time. */
export function events(context: LoadContext): Load {
  const { eventBridge, caller, random, tell } = context;
  const sent: SentEvent[] = [];
  const heard = new Mailbox(context, 'heard');

  async function put(): Promise<void> {
    const first = sent.length;
    const some = Array.from({ length: 1 + random.below(MOST_AT_ONCE) }, (_, at): SentEvent => {
      return { n: first + at + 1, wanted: random.next() < WANTED, fate: 'unknown', id: undefined };
    });
    sent.push(...some);
    const Entries = some.map(({ n, wanted }) => ({
      EventBusName: BUS,
      Source: 'load',
      DetailType: 'something happened',
      Detail: JSON.stringify({ n, wanted }),
    }));
    const outcome = await caller.attempt(() => eventBridge.send(new PutEventsCommand({ Entries })));
    if (outcome.fate !== 'acknowledged') return;
    const { Entries: answers = [], FailedEntryCount } = outcome.answer;
    if (FailedEntryCount !== 0) tell(`PutEvents: ${FailedEntryCount} entries failed: ${JSON.stringify(answers)}`);
    for (const [at, event] of some.entries())
      sent[first + at] = { ...event, fate: 'acknowledged', id: answers[at]?.EventId };
  }

  /** Without a kill, each event that is kept comes out of a replay once. */
  async function replay(): Promise<readonly HeardEvent[]> {
    const replayed = new Mailbox(context, 'replayed');
    const ReplayName = 'afterwards';
    await eventBridge.send(
      new StartReplayCommand({
        ReplayName,
        EventSourceArn: ARCHIVE_ARN,
        EventStartTime: new Date(0),
        EventEndTime: new Date(),
        Destination: { Arn: BUS_ARN, FilterArns: [REPLAY_RULE_ARN] },
      }),
    );
    const isOver = async () => {
      const { State } = await eventBridge.send(new DescribeReplayCommand({ ReplayName }));
      return State === 'COMPLETED' || undefined;
    };
    await patiently('the end of the replay', isOver, LONGEST_REPLAY_MS);
    await drain(context, replayed, 'replayed');
    // A message that comes again is one event: the queue, and not the archive, gives it twice.
    const byMessage = new Map(replayed.receipts.map((receipt) => [receipt.messageId, receipt]));
    return [...byMessage.values()].map(asHeard);
  }

  return {
    async run() {
      await Promise.all([again(context, 80, put), again(context, 30, async () => void (await heard.read(1)))]);
    },
    async check() {
      // What was not delivered before a kill is tried again when the runtime starts: the queue may fill while it is read.
      const problems = () => [
        ...problemsOfRule('the queue', sent, heard.receipts.map(asHeard)),
        ...problemsOfRule('the listener', sent, context.listener.heard),
      ];
      await patiently(
        'every event that the rule wants at both targets',
        async () => {
          await drain(context, heard, 'heard');
          return problems().length === 0 || undefined;
        },
        LONGEST_REPLAY_MS / 4,
      ).catch(() => {});
      problems().forEach(tell);
      const kept = await replay();
      problemsOfArchive(sent, kept).forEach(tell);
      const { EventCount } = await eventBridge.send(new DescribeArchiveCommand({ ArchiveName: ARCHIVE }));
      if (EventCount !== kept.length) tell(`the archive counts ${EventCount} events, and replays ${kept.length}`);
    },
  };
}

function asHeard({ body }: { readonly body: string }): HeardEvent {
  const { id, detail } = JSON.parse(body) as { id: string; detail: { n: number } };
  return { n: detail.n, id };
}
