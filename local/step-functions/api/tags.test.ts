import { beforeEach, describe, expect, it } from 'vitest';
import { pass, TestAccount } from '../test-account.ts';

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});

const tags = (...keys: string[]) => keys.map((key) => ({ key, value: `${key}!` }));

describe.each(['state machine', 'activity'])('the tags of a %s', (kind) => {
  let resourceArn: string;
  beforeEach(async () => {
    resourceArn =
      kind === 'activity'
        ? ((await account.do('CreateActivity', { name: 'a', tags: tags('first') })).activityArn as string)
        : await account.machine('m', pass(), { tags: tags('first') });
  });
  const shown = async () => (await account.do('ListTagsForResource', { resourceArn })).tags;

  it('are added to, written over and taken away', async () => {
    await account.do('TagResource', { resourceArn, tags: tags('second', 'third') });
    await account.do('TagResource', { resourceArn, tags: [{ key: 'first', value: '' }] });
    expect(await shown()).toEqual([{ key: 'first', value: '' }, ...tags('second', 'third')]);
    await account.do('UntagResource', { resourceArn, tagKeys: ['second', 'unknown'] });
    expect(await shown()).toEqual([{ key: 'first', value: '' }, ...tags('third')]);
  });

  it('are at most 50', async () => {
    const many = tags(...Array.from({ length: 50 }, (_, index) => `k${index}`));
    expect(await account.refusal('TagResource', { resourceArn, tags: many })).toMatch(/^TooManyTags: /);
    expect(await shown()).toEqual(tags('first'));
  });

  it('have keys of 1 to 128 characters', async () => {
    expect(await account.refusal('TagResource', { resourceArn, tags: tags('k'.repeat(129)) })).toMatch(
      /at 'tags\.1\.member\.key' failed to satisfy constraint: Member must have length less than or equal to 128$/,
    );
  });
});

it('a version has no tags', async () => {
  const machine = await account.machine('m', pass(), { publish: true });
  expect(await account.refusal('TagResource', { resourceArn: `${machine}:1`, tags: tags('a') })).toBe(
    `ResourceNotFound: Resource not found: '${machine}:1'`,
  );
});
