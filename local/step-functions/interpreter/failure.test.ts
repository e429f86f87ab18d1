import { describe, expect, it } from 'vitest';
import { type Failure, matchesError } from './failure.ts';

describe('a name in ErrorEquals', () => {
  it.each<[string, Failure, boolean]>([
    ['States.ALL', { error: 'Custom' }, true],
    ['States.ALL', {}, true],
    ['States.ALL', { error: 'States.Timeout' }, true],
    ['States.ALL', { error: 'States.Runtime' }, false],
    ['States.ALL', { error: 'States.DataLimitExceeded' }, true],
    ['States.Runtime', { error: 'States.Runtime' }, false],
    ['States.TaskFailed', { error: 'Lambda.Unknown' }, true],
    ['States.TaskFailed', { error: 'States.Timeout' }, false],
    ['States.TaskFailed', { error: 'States.Runtime' }, false],
    ['States.Timeout', { error: 'States.Timeout' }, true],
    ['States.Timeout', { error: 'States.Timeout', heartbeat: true }, true],
    ['States.HeartbeatTimeout', { error: 'States.Timeout', heartbeat: true }, true],
    ['States.HeartbeatTimeout', { error: 'States.Timeout' }, false],
    ['Custom', { error: 'Custom' }, true],
    ['Custom', { error: 'CustomToo' }, false],
    ['custom', { error: 'Custom' }, false],
    ['Custom', {}, false],
  ])('%s for %j: %s', (name, failure, expected) => {
    expect(matchesError(['Another', name], failure)).toBe(expected);
  });
});
