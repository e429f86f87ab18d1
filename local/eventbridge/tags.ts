import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { requiredText, shown, structuresOf, takeOnly, textsOf } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';

const MOST_TAGS = 50;

/** Tags of rules and buses, by ARN. */
export class Tags {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS events_tags (
        arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) STRICT;
    `);
  }

  /** `[{Key, Value}]` as the API gives them, or nothing. Throws ValidationException. */
  put(arn: string, tags: unknown): void {
    if (tags === undefined) return;
    if (!Array.isArray(tags)) throw new AwsError('ValidationException', 'Tags must be a list of Key and Value.');
    this.#ctx.store.transaction(() => {
      for (const { Key, Value } of structuresOf(tags, 'Tags')) {
        if (typeof Key !== 'string' || !/^.{1,128}$/.test(Key) || typeof Value !== 'string' || Value.length > 256) {
          throw new AwsError('ValidationException', `The tag ${shown(Key)} is not valid.`);
        }
        this.#ctx.store.prepare('INSERT OR REPLACE INTO events_tags VALUES (?, ?, ?)').run(arn, Key, Value);
      }
      if (this.list(arn).length > MOST_TAGS) {
        throw new AwsError('LimitExceededException', `A resource can have ${MOST_TAGS} tags.`);
      }
    });
  }

  list(arn: string): readonly { readonly Key: string; readonly Value: string }[] {
    return this.#ctx.store
      .prepare('SELECT key, value FROM events_tags WHERE arn = ? ORDER BY key')
      .all(arn)
      .map(({ key, value }) => ({ Key: key as string, Value: value as string }));
  }

  remove(arn: string, keys: readonly string[]): void {
    for (const key of keys) {
      this.#ctx.store.prepare('DELETE FROM events_tags WHERE arn = ? AND key = ?').run(arn, key);
    }
  }

  clear(arn: string): void {
    this.#ctx.store.prepare('DELETE FROM events_tags WHERE arn = ?').run(arn);
  }
}

/** `exists` says whether there is a rule or a bus with an ARN. */
export function tagOperations(tags: Tags, exists: (arn: string) => boolean): Operations {
  const permittedArn = (operation: string, input: JsonObject, call: Call): string => {
    const arn = requiredText(input, 'ResourceARN');
    authorize({ call, action: `events:${operation}`, resourceArn: arn });
    if (!exists(arn)) throw new AwsError('ResourceNotFoundException', `Resource ${arn} does not exist.`);
    return arn;
  };
  return {
    TagResource(input, call) {
      takeOnly('TagResource', input, ['ResourceARN', 'Tags']);
      tags.put(permittedArn('TagResource', input, call), input.Tags);
      return {};
    },
    UntagResource(input, call) {
      takeOnly('UntagResource', input, ['ResourceARN', 'TagKeys']);
      const arn = permittedArn('UntagResource', input, call);
      if (!Array.isArray(input.TagKeys)) throw new AwsError('ValidationException', 'TagKeys must be a list of keys.');
      tags.remove(arn, textsOf(input.TagKeys, 'TagKeys'));
      return {};
    },
    ListTagsForResource(input, call) {
      takeOnly('ListTagsForResource', input, ['ResourceARN']);
      return { Tags: tags.list(permittedArn('ListTagsForResource', input, call)) };
    },
  };
}
