import { describe, expect, it, vi } from 'vitest';
import { StorageUnavailable } from '../../domain/errors.ts';
import { World } from '../../test/support/world.ts';
import { factIdentity } from './fact-received.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});

const event = { id: 'event-1', detail: { metadata: { id: 'fact-1' } } };

describe('a consumer', () => {
  it('that is told one event twice leaves one audit event', async () => {
    const world = new World();
    const run = async () => ({ output: 'done', verdict: 'done', model: null, runId: 'run-1' });
    await world.deliver('on-fact', { identify: factIdentity, run }, event);
    await world.deliver('on-fact', { identify: factIdentity, run }, { ...event, id: 'event-2' });
    expect(world.registry.audits).toMatchObject([
      { key: 'sluice-dev-on-fact#fact-1#succeeded', runId: 'run-1', machine: null, state: null },
    ]);
  });

  it('that fails and succeeds when it is told again leaves both', async () => {
    const world = new World();
    let tries = 0;
    const run = async () => {
      tries += 1;
      if (tries < 3) throw new StorageUnavailable('down');
      return { output: 'done', verdict: 'done', model: null };
    };
    const consumer = { identify: factIdentity, run };
    await expect(world.deliver('on-fact', consumer, event)).rejects.toMatchObject({ name: 'StorageUnavailable' });
    await expect(world.deliver('on-fact', consumer, event)).rejects.toMatchObject({ name: 'StorageUnavailable' });
    await expect(world.deliver('on-fact', consumer, event)).resolves.toBe('done');
    expect(world.registry.audits.map(({ key, outcome }) => [key, outcome])).toEqual([
      ['sluice-dev-on-fact#fact-1#failed', 'failed'],
      ['sluice-dev-on-fact#fact-1#succeeded', 'succeeded'],
    ]);
  });

  it("knows a fact by the bus's id where its own is none, or longer than an audit key can hold", () => {
    const bus = { id: 'event-1', 'detail-type': 't', source: 's', account: 'a', time: 't' };
    expect(factIdentity({ ...bus, detail: { metadata: { id: 'fact-1' } } })).toBe('fact-1');
    for (const detail of [
      undefined,
      {},
      { metadata: { id: 7 } },
      { metadata: { id: '' } },
      { metadata: { id: 'x'.repeat(500) } },
    ])
      expect(factIdentity({ ...bus, detail })).toBe('event-1');
  });

  it('refuses what is no event', async () => {
    const world = new World();
    const run = async () => ({ output: 1, verdict: 'v', model: null });
    await expect(
      world.deliver('on-fact', { identify: factIdentity, run }, { source: 1 as never }),
    ).rejects.toMatchObject({
      name: 'InputInvalid',
    });
  });
});
