import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { createEventBridgeBus } from '../../adapters/aws/eventbridge-bus.ts';
import type { Fact } from '../../domain/fact.ts';
import { relayOutbox } from './step.ts';

const fact = (id: string, more: Partial<Fact> = {}): Fact => ({
  id,
  type: 'Recipe Accepted',
  version: 1,
  environment: 'dev',
  at: '2026-01-15T09:30:00.000Z',
  runId: null,
  data: { model: 'loan-risk', recipeDigest: 'a'.repeat(64), commit: null },
  ...more,
});
const audit = {
  key: 'run-1#Step#0#0',
  environment: 'dev',
  function: 'f',
  runId: 'run-1',
  machine: 'm',
  state: 'Step',
  attempt: 0,
  redrive: 0,
  outcome: 'succeeded',
  verdict: 'done',
  error: null,
  model: 'loan-risk',
  subjects: {},
  actor: 'a',
  at: '2026-01-15T09:30:00.000Z',
  durationMs: 1.5,
};
const item = (sequenceNumber: string, body: unknown, entity = 'outbox') => ({ sequenceNumber, entity, body });

interface Entry {
  readonly Detail: string;
  readonly DetailType: string;
  readonly Source: string;
}

/** EventBridge's PutEvents behind the real adapter; `answer` says for each entry whether it is taken. */
function busThat(answer: (entry: Entry, index: number) => { ErrorCode?: string } | Error) {
  const calls: Entry[][] = [];
  const client = {
    send: async ({ input }: { input: { Entries: Entry[] } }) => {
      calls.push(input.Entries);
      const entries = input.Entries.map(answer);
      const error = entries.find((one) => one instanceof Error);
      if (error) throw error;
      return { Entries: entries };
    },
  } as unknown as EventBridgeClient;
  return { relay: relayOutbox({ bus: createEventBridgeBus(client, 'sluice-dev') }), calls };
}
const idOf = ({ Detail }: Entry) => (JSON.parse(Detail) as { metadata: { id: string } }).metadata.id;

describe('the relay', () => {
  it('tells facts and audit events in their order, and leaves everything else', async () => {
    const { relay, calls } = busThat(() => ({}));
    const items = [
      item('1', fact('one')),
      item('2', {}, 'promotion'),
      item('3', audit, 'audit'),
      item('4', fact('two')),
    ];
    await expect(relay(items)).resolves.toEqual({ failedFrom: null, reason: null });
    expect(calls.flat().map((entry) => [entry.Source, entry.DetailType, idOf(entry)])).toEqual([
      ['sluice', 'Recipe Accepted', 'one'],
      ['sluice', 'Audit Recorded', 'audit-run-1#Step#0#0'],
      ['sluice', 'Recipe Accepted', 'two'],
    ]);
  });

  it('sends ten at a time, as PutEvents takes them', async () => {
    const { relay, calls } = busThat(() => ({}));
    await relay(Array.from({ length: 23 }, (_, n) => item(String(n), fact(`f${n}`))));
    expect(calls.map(({ length }) => length)).toEqual([10, 10, 3]);
  });

  it('names the first record that the bus did not take', async () => {
    const { relay } = busThat((entry) =>
      ['f4', 'f7'].includes(idOf(entry)) ? { ErrorCode: 'ThrottlingException' } : {},
    );
    const items = Array.from({ length: 9 }, (_, n) => item(`s${n}`, fact(`f${n}`)));
    await expect(relay(items)).resolves.toEqual({
      failedFrom: 's4',
      reason: expect.stringContaining('ThrottlingException'),
    });
  });

  it('names the first of a batch that did not get through, and still sends the next', async () => {
    let calls = 0;
    const bus = busThat(() => {
      calls += 1;
      return calls === 1 ? new Error('connection reset') : {};
    });
    const items = Array.from({ length: 12 }, (_, n) => item(`s${n}`, fact(`f${n}`)));
    await expect(bus.relay(items)).resolves.toEqual({ failedFrom: 's0', reason: 'Error: connection reset' });
    expect(bus.calls).toHaveLength(2);
  });

  it.each([
    { case: 'has a member that its contract does not know', bad: fact('bad', { data: { secret: 1 } }) },
    { case: 'has no contract', bad: fact('bad', { type: 'Nobody Knows' }) },
  ])('holds back a fact that $case, and no other', async ({ bad }) => {
    const { relay, calls } = busThat(() => ({}));
    const items = [item('1', fact('one')), item('2', bad), item('3', fact('two'))];
    await expect(relay(items)).resolves.toMatchObject({ failedFrom: '2' });
    expect(calls.flat().map(idOf)).toEqual(['one', 'two']);
  });

  it('has nothing to send where no item is news', async () => {
    const { relay, calls } = busThat(() => ({}));
    await expect(relay([item('1', {}, 'dataset')])).resolves.toEqual({ failedFrom: null, reason: null });
    expect(calls).toEqual([]);
  });
});
