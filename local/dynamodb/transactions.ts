import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { shown } from '../operation-input.ts';
import type { AccountContext, JsonObject } from '../service.ts';
import { type Item, sizeOfItem } from './attribute-value.ts';
import {
  ConditionFailure,
  evaluateWrite,
  type ItemWrite,
  planConditionCheck,
  planDelete,
  planPut,
  planUpdate,
  sameItem,
  type WrittenItem,
} from './item-write.ts';
import type { Items } from './items.ts';
import { refuseUnsupported } from './request.ts';
import type { Table } from './table-definition.ts';
import { validationError } from './validation.ts';

const MAX_ACTIONS = 100;
const MAX_BYTES = 4 * 1024 * 1024;
const TOKEN_VALID_MS = 10 * 60 * 1000;

const PLANS = { Put: planPut, Update: planUpdate, Delete: planDelete, ConditionCheck: planConditionCheck } as const;
export type TransactAction = keyof typeof PLANS;

interface CancellationReason {
  readonly Code: 'None' | 'ConditionalCheckFailed' | 'ValidationError';
  readonly Message?: string;
  readonly Item?: Item;
}

/** One entry of TransactItems. */
export interface TransactEntry {
  readonly action: TransactAction;
  readonly input: JsonObject;
}

/** Reads the entries of a TransactWriteItems; each names exactly one action. */
export function readTransactItems(input: JsonObject): readonly TransactEntry[] {
  const entries = input.TransactItems;
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > MAX_ACTIONS) {
    throw validationError(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to ${MAX_ACTIONS} and greater than or equal to 1`,
    );
  }
  return entries.map((entry: JsonObject) => {
    const actions = Object.keys(entry).filter((key) => entry[key] !== undefined && entry[key] !== null);
    const [action] = actions;
    if (actions.length !== 1 || action === undefined || !Object.hasOwn(PLANS, action)) {
      throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
    }
    return { action: action as TransactAction, input: entry[action] as JsonObject };
  });
}

/** All or none of up to 100 writes, once for each ClientRequestToken within ten minutes. */
export class TransactionWriter {
  readonly #ctx: AccountContext;
  readonly #items: Items;

  constructor(ctx: AccountContext, items: Items) {
    this.#ctx = ctx;
    this.#items = items;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS dynamodb_transaction_tokens (
        token TEXT PRIMARY KEY,
        digest TEXT NOT NULL,
        expires_ms INTEGER NOT NULL
      );
    `);
  }

  write(input: JsonObject, entries: readonly { entry: TransactEntry; table: Table }[]): void {
    const plans = entries.map(({ entry, table }) => {
      refuseUnsupported('TransactWriteItems', entry.input);
      return PLANS[entry.action](table, entry.input);
    });
    assertDistinct(plans);
    this.#ctx.store.transaction(() => {
      if (this.#isRepetition(input)) return;
      this.#apply(plans);
    });
  }

  #apply(plans: readonly ItemWrite[]): void {
    const written: WrittenItem[] = [];
    // Judged all before any is done: each sees the items as they were before the transaction.
    const reasons = plans.map((plan): CancellationReason => {
      try {
        written.push(evaluateWrite(this.#items, plan));
        return { Code: 'None' };
      } catch (error) {
        return cancellation(error);
      }
    });
    if (reasons.some(({ Code }) => Code !== 'None')) throw transactionCanceled(reasons);
    const bytes = written.reduce((total, { after }) => total + (after ? sizeOfItem(after) : 0), 0);
    if (bytes > MAX_BYTES) throw validationError('Transaction size has exceeded the maximum allowed size of 4 MB');
    for (const [at, plan] of plans.entries()) {
      const { before, after } = written[at] as WrittenItem;
      if (before !== after) this.#items.write(plan.table, before, after);
    }
  }

  #isRepetition(input: JsonObject): boolean {
    const token = input.ClientRequestToken;
    if (token === undefined || token === null) return false;
    if (typeof token !== 'string' || token.length === 0 || token.length > 36) {
      throw validationError(
        `1 validation error detected: Value '${shown(token)}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36`,
      );
    }
    const { store, clock } = this.#ctx;
    const now = clock.now();
    const digest = createHash('sha256')
      .update(JSON.stringify(canonical(input.TransactItems)))
      .digest('hex');
    store.prepare('DELETE FROM dynamodb_transaction_tokens WHERE expires_ms <= ?').run(now);
    const known = store.prepare('SELECT digest FROM dynamodb_transaction_tokens WHERE token = ?').get(token);
    if (!known) {
      store
        .prepare('INSERT INTO dynamodb_transaction_tokens (token, digest, expires_ms) VALUES (?, ?, ?)')
        .run(token, digest, now + TOKEN_VALID_MS);
      return false;
    }
    if (known.digest === digest) return true;
    throw new AwsError(
      'IdempotentParameterMismatchException',
      'The provided idempotency token was used with different parameters',
      400,
    );
  }
}

/** The same content in the same order of members, however the client wrote it. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, member]) => [name, canonical(member)]);
}

function assertDistinct(plans: readonly ItemWrite[]): void {
  for (const [at, plan] of plans.entries()) {
    if (plans.slice(0, at).some((other) => sameItem(plan, other))) {
      throw validationError('Transaction request cannot include multiple operations on one item');
    }
  }
}

function cancellation(error: unknown): CancellationReason {
  if (error instanceof ConditionFailure) {
    const item = error.fields.Item as Item | undefined;
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...(item ? { Item: item } : {}) };
  }
  if (error instanceof AwsError && error.code === 'ValidationException') {
    return { Code: 'ValidationError', Message: error.message };
  }
  throw error;
}

function transactionCanceled(reasons: readonly CancellationReason[]): AwsError {
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    400,
    { CancellationReasons: reasons },
  );
}
