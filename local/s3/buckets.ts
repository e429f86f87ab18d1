import { AwsError } from '../aws-error.ts';
import type { PolicyDocument } from '../iam/authorize.ts';
import type { AccountContext } from '../service.ts';
import type { Encryption } from './encryption.ts';
import type { LockConfiguration } from './retention.ts';
import { noSuchBucket } from './s3-error.ts';

export const PUBLIC_ACCESS_BLOCKS = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
] as const;

export type PublicAccessBlock = Readonly<Record<(typeof PUBLIC_ACCESS_BLOCKS)[number], boolean>>;

/** What a bucket is set to. */
export interface BucketSettings {
  readonly policy?: PolicyDocument | undefined;
  readonly encryption?: Encryption | undefined;
  /** Object events go to EventBridge. */
  readonly eventBridge: boolean;
  readonly publicAccessBlock?: PublicAccessBlock | undefined;
  /** Absent: the bucket has no Object Lock. Once there it stays. */
  readonly objectLock?: LockConfiguration | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Template properties that are kept and have no effect here (lifecycle, ownership controls, …). */
  readonly withoutEffect: Readonly<Record<string, unknown>>;
}

export type Versioning = 'Enabled' | 'Suspended';

export interface Bucket {
  readonly id: number;
  readonly name: string;
  readonly createdAtMs: number;
  /** Undefined while versioning was never on. */
  readonly versioning: Versioning | undefined;
  readonly settings: BucketSettings;
}

export const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;

/** A new bucket is set as S3 sets one: AES256, everything public blocked, nobody told. */
const NEW_BUCKET: BucketSettings = {
  eventBridge: false,
  publicAccessBlock: {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  },
  tags: {},
  withoutEffect: {},
};

/** The account's buckets in its store. */
export class Buckets {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS s3_buckets (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        created_ms INTEGER NOT NULL,
        versioning TEXT,
        settings TEXT NOT NULL
      );
    `);
  }

  find(name: string): Bucket | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM s3_buckets WHERE name = ?').get(name);
    if (!row) return undefined;
    return {
      id: Number(row.id),
      name,
      createdAtMs: Number(row.created_ms),
      versioning: row.versioning === null ? undefined : (String(row.versioning) as Versioning),
      settings: JSON.parse(String(row.settings)) as BucketSettings,
    };
  }

  /** Throws NoSuchBucket. */
  get(name: string): Bucket {
    const bucket = this.find(name);
    if (!bucket) throw noSuchBucket(name);
    return bucket;
  }

  list(): readonly Bucket[] {
    return this.#ctx.store
      .prepare('SELECT name FROM s3_buckets ORDER BY name')
      .all()
      .map(({ name }) => this.get(String(name)));
  }

  create(name: string): Bucket {
    assertBucketName(name);
    this.#ctx.store
      .prepare('INSERT INTO s3_buckets (name, created_ms, settings) VALUES (?, ?, ?)')
      .run(name, this.#ctx.clock.now(), JSON.stringify(NEW_BUCKET));
    return this.get(name);
  }

  change(bucket: Bucket, settings: Partial<BucketSettings>): Bucket {
    const merged = { ...this.get(bucket.name).settings, ...settings };
    this.#ctx.store.prepare('UPDATE s3_buckets SET settings = ? WHERE id = ?').run(JSON.stringify(merged), bucket.id);
    return this.get(bucket.name);
  }

  setVersioning(bucket: Bucket, versioning: Versioning): Bucket {
    this.#ctx.store.prepare('UPDATE s3_buckets SET versioning = ? WHERE id = ?').run(versioning, bucket.id);
    return this.get(bucket.name);
  }

  remove(bucket: Bucket): void {
    this.#ctx.store.prepare('DELETE FROM s3_buckets WHERE id = ?').run(bucket.id);
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function assertBucketName(name: string): void {
  const valid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
  if (!valid) throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
}
