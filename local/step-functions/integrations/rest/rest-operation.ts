import type { XmlShape } from './xml-answer.ts';

/** How a value stands in a header. */
export type HeaderType = 'text' | 'number' | 'boolean' | 'date';

/**
 * One operation of a REST API: where each member of its input goes in the request, and where those of its answer come from.
 * Member names are the API's. A member that is not named here is refused by name.
 */
export interface RestOperation {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** With `{Member}` where an input member stands, `{Member+}` if it keeps its slashes; `?name` at the end is a parameter without a value. */
  readonly path: string;
  /** Member → query parameter. */
  readonly query?: Readonly<Record<string, string>>;
  /** Member → header. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Parameters that are always sent. */
  readonly fixedQuery?: Readonly<Record<string, string>>;
  /** The member whose entries are headers with this prefix, in the request and in the answer. */
  readonly prefixed?: { readonly member: string; readonly prefix: string };
  readonly body?:
    | {
        readonly member: string;
        readonly as: 'blob';
        /** The header with the CRC-32 that the SDK sends when the input has no checksum. */
        readonly checksum?: string;
      }
    | { readonly member: string; readonly as: 'xml'; readonly root: string };
  readonly answer?: {
    /** Member → header and what its text means. */
    readonly headers?: Readonly<Record<string, readonly [name: string, type: HeaderType]>>;
    /** The entries of `prefixed` are shown, even when there are none. */
    readonly prefixed?: true;
    /** The member that is the body, as text. */
    readonly text?: string;
    /** The member that has the HTTP status. */
    readonly status?: string;
    readonly xml?: XmlShape;
    /** The member that the document is, where it is not the whole answer. */
    readonly xmlMember?: string;
    /** The body is the answer, as JSON; `dates` are the members in epoch seconds, wherever they stand. */
    readonly json?: { readonly dates?: readonly string[] };
  };
}
