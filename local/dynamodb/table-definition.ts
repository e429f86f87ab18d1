import type { AttributeType } from './attribute-value.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: Extract<AttributeType, 'S' | 'N' | 'B'>;
}

export interface KeySchema {
  readonly hash: KeyAttribute;
  readonly range?: KeyAttribute | undefined;
}

export interface Projection {
  readonly type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  /** The non-key attributes of an INCLUDE projection. */
  readonly attributes: readonly string[];
}

export interface IndexDefinition {
  readonly name: string;
  readonly kind: 'global' | 'local';
  readonly key: KeySchema;
  readonly projection: Projection;
}

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface StreamDefinition {
  readonly viewType: StreamViewType;
  /** ISO time of its making, as in the stream's ARN. */
  readonly label: string;
  /** A stream that was switched off keeps its ARN and its records. */
  readonly enabled: boolean;
}

/** A table as it stands. Settings without an effect here are kept to be described. */
export interface TableDefinition {
  readonly name: string;
  readonly tableUuid: string;
  readonly createdAtMs: number;
  readonly key: KeySchema;
  readonly indexes: readonly IndexDefinition[];
  readonly stream?: StreamDefinition | undefined;
  readonly timeToLiveAttribute?: string | undefined;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly billingMode: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly throughput?: { readonly read: number; readonly write: number } | undefined;
  readonly encryption?: { readonly type: 'KMS'; readonly keyArn?: string | undefined } | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** A table in the store: its definition and the number that its rows carry. */
export interface Table extends TableDefinition {
  readonly id: number;
  readonly arn: string;
}

/** The attributes that identify an item, in order. */
export const keyAttributes = (key: KeySchema): readonly KeyAttribute[] =>
  key.range ? [key.hash, key.range] : [key.hash];

export const streamArnOf = (table: Table): string | undefined =>
  table.stream && `${table.arn}/stream/${table.stream.label}`;

export const indexArnOf = (table: Table, indexName: string): string => `${table.arn}/index/${indexName}`;
