import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { pick } from '../spots.ts';
import { type Draft, presigned, type Signing, signed, written } from './draft.ts';
import type { FuzzCase, MakeCase, Shape } from './fuzz-case.ts';
import type { FuzzWorld } from './fuzz-world.ts';

interface Plain {
  readonly operation: string;
  readonly shape: Shape;
  readonly service: string;
  readonly draft: Draft;
}

const MINUTE_MS = 60_000;

/** One request of each protocol that is right until its signature is tampered with. */
function plain(random: SeededRandom, world: FuzzWorld): Plain {
  const host = ['host', `127.0.0.1:${world.port}`] as const;
  const body = Buffer.alloc(0);
  switch (random.below(5)) {
    case 0:
      return {
        operation: 'kms:ListKeys',
        shape: 'json',
        service: 'kms',
        draft: {
          method: 'POST',
          path: '/',
          query: '',
          headers: [host, ['x-amz-target', 'TrentService.ListKeys']],
          body: Buffer.from('{}'),
        },
      };
    case 1:
      return {
        operation: 'sts:GetCallerIdentity',
        shape: 'query',
        service: 'sts',
        draft: {
          method: 'POST',
          path: '/',
          query: '',
          headers: [host, ['content-type', 'application/x-www-form-urlencoded']],
          body: Buffer.from('Action=GetCallerIdentity&Version=2011-06-15'),
        },
      };
    case 2:
      return {
        operation: 'lambda:GetFunction',
        shape: 'lambda',
        service: 'lambda',
        draft: { method: 'GET', path: '/2015-03-31/functions/f', query: '', headers: [host], body },
      };
    default:
      return {
        operation: 's3:GetObject',
        shape: 's3',
        service: 's3',
        draft: {
          method: 'GET',
          path: '/bucket/key',
          query: '',
          headers: [host, ['x-amz-checksum-mode', 'ENABLED']],
          body,
        },
      };
  }
}

const without = (headers: Draft['headers'], name: string): Draft['headers'] =>
  headers.filter(([other]) => other !== name);

const replaced = (headers: Draft['headers'], name: string, change: (value: string) => string): Draft['headers'] =>
  headers.map(([other, value]) => [other, other === name ? change(value) : value]);

interface Tampered {
  readonly draft: Draft;
  /** Unless this is so, it may still be right. */
  readonly isWrong: boolean;
}

type Tamper = (random: SeededRandom, plain: Plain, signing: Signing, world: FuzzWorld) => Tampered;

const wrong = (draft: Draft): Tampered => ({ draft, isWrong: true });
const perhaps = (draft: Draft): Tampered => ({ draft, isWrong: false });

/** One character of a text for another. */
function flipped(random: SeededRandom, text: string): string {
  const at = random.below(text.length);
  return `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
}

const AUTHORIZATIONS: readonly string[] = [
  '',
  ' ',
  'AWS4-HMAC-SHA256',
  'AWS4-HMAC-SHA256 ',
  'AWS4-HMAC-SHA256 Credential=',
  'AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=;, Signature=',
  'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=00',
  'AWS4-HMAC-SHA256 Credential=__proto__/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00',
  'AWS4-ECDSA-P256-SHA256 Credential=a',
  'AWS AKIA:signature',
  'Basic dXNlcjpwYXNz',
  'Bearer x',
  ',,,===',
  `AWS4-HMAC-SHA256 ${'Credential=a,'.repeat(500)}`,
  `AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/s3/aws4_request, SignedHeaders=${'a;'.repeat(3000)}, Signature=0`,
  'AWS4-HMAC-SHA256 Credential=\xff\xfe/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=\xff',
];

const TAMPERS: readonly Tamper[] = [
  (random, { draft }, signing) => {
    const made = signed(draft, signing);
    return wrong({ ...made, headers: replaced(made.headers, 'authorization', () => pick(random, AUTHORIZATIONS)) });
  },
  (random, { draft }, signing) => {
    const made = signed(draft, signing);
    const change = (value: string) =>
      value.replace(/Signature=(\w+)/, (_all, text: string) => `Signature=${flipped(random, text)}`);
    return wrong({ ...made, headers: replaced(made.headers, 'authorization', change) });
  },
  (random, { draft }, signing) => {
    const made = signed(draft, signing);
    const part = pick(random, [
      '0',
      '',
      'x',
      '20260101',
      'us-east-1',
      'ec2',
      's3',
      '__proto__',
      'constructor',
      'a'.repeat(2000),
    ]);
    const at = random.below(5);
    const change = (value: string) =>
      value.replace(
        /Credential=([^,]+)/,
        (_all, text: string) =>
          `Credential=${text
            .split('/')
            .map((old, n) => (n === at ? part : old))
            .join('/')}`,
      );
    const headers = replaced(made.headers, 'authorization', change);
    const same = JSON.stringify(headers) === JSON.stringify(made.headers);
    return { draft: { ...made, headers }, isWrong: !same };
  },
  (random, { draft }, signing) => {
    const made = signed(draft, signing);
    const list = pick(random, [
      '',
      ';',
      'host',
      'host;host',
      'x-amz-date',
      'none',
      'host;none',
      'HOST;X-AMZ-DATE',
      'host;__proto__',
      'host;constructor',
    ]);
    const change = (value: string) => value.replace(/SignedHeaders=[^,]*/, `SignedHeaders=${list}`);
    return wrong({ ...made, headers: replaced(made.headers, 'authorization', change) });
  },
  (random, { draft }, signing) => {
    const made = signed(draft, signing);
    const date = pick(random, [
      '',
      '0',
      '20261301T000000Z',
      '20260101T250000Z',
      '20260101',
      '2026-01-01T00:00:00Z',
      '99991231T235959Z',
      '00000000T000000Z',
      'x'.repeat(500),
      '20260101T000000',
    ]);
    return wrong({ ...made, headers: replaced(made.headers, 'x-amz-date', () => date) });
  },
  (random, { draft }, signing) => {
    const minutes = pick(random, [-525_600_000, -1441, -16, 16, 1441, 525_600_000]);
    return wrong(signed(draft, { ...signing, atMs: Math.max(0, Date.now() + minutes * MINUTE_MS) }));
  },
  (random, { draft }, signing) =>
    wrong(
      signed(draft, {
        ...signing,
        region: pick(random, ['us-east-1', 'EU-WEST-1', '', 'eu-west-1 ', '*', 'x'.repeat(300)]),
      }),
    ),
  (random, { draft, service }, signing) => {
    const other = pick(
      random,
      ['ec2', 'sqs', 'S3', '', 'execute-api', 'iam', '__proto__', 's3express', 'x'.repeat(300)].filter(
        (name) => name !== service,
      ),
    );
    return wrong(signed(draft, { ...signing, service: other }));
  },
  // more than was signed
  (random, { draft }, signing) => {
    const made = signed(draft, signing);
    const name = pick(random, [
      'x-amz-copy-source',
      'x-amz-meta-a',
      'x-amz-security-token',
      'X-AMZ-ACL',
      'x-amz-target',
      'x-amz-date',
    ]);
    return wrong({ ...made, headers: [...made.headers, [name, 'x']] });
  },
  // twice
  (random, { draft }, signing) => {
    const made = signed(draft, signing);
    const twice = pick(random, made.headers);
    return perhaps({ ...made, headers: [...made.headers, twice] });
  },
  // other content than was signed
  (random, { draft, service }, signing) => {
    const made = signed(draft, signing);
    switch (random.below(4)) {
      case 0:
        return wrong({ ...made, method: made.method === 'GET' ? 'POST' : 'GET' });
      case 1:
        return wrong({ ...made, path: `${made.path}x` });
      case 2:
        return wrong({ ...made, query: 'versionId=null' });
      default:
        // Of GetObject nobody reads a body.
        return {
          draft: { ...made, body: Buffer.from('{"Limit":1}') },
          isWrong: service === 'kms' || service === 'sts',
        };
    }
  },
  // a token that is not the session's
  (random, { draft }, signing, world) => {
    const sessionToken = pick(random, [
      '',
      'x',
      '\xff',
      'x'.repeat(5000),
      flipped(random, world.session.sessionToken!),
    ]);
    const made = signed(draft, { ...signing, credentials: { ...world.session, sessionToken: sessionToken || 'none' } });
    return wrong(sessionToken === '' ? { ...made, headers: without(made.headers, 'x-amz-security-token') } : made);
  },
  (_random, { draft }, signing, world) => perhaps(signed(draft, { ...signing, credentials: world.session })),
  // S3's hash of the payload
  (random, { draft, service }, signing) => {
    const payloadHash = pick(random, [
      '',
      '0',
      'x'.repeat(64),
      '0'.repeat(64),
      'UNSIGNED-PAYLOAD ',
      'unsigned-payload',
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    ]);
    return { draft: signed(draft, { ...signing, payloadHash }), isWrong: service !== 's3' };
  },
  // floods
  (random, { draft }, signing) => {
    const headers = Array.from({ length: pick(random, [100, 500, 2500]) }, (_, n) => [`x-h${n}`, 'v'] as const);
    return perhaps(signed({ ...draft, headers: [...draft.headers, ...headers] }, signing));
  },
  (random, { draft }, signing) =>
    perhaps(
      signed(
        {
          ...draft,
          headers: [...draft.headers, ['x-long', 'v'.repeat(pick(random, [7000, 15_000, 17_000, 200_000]))]],
        },
        signing,
      ),
    ),
  // from elsewhere
  (random, { draft }, signing) => {
    const host = pick(random, [
      '',
      'example.com',
      'localhost.evil',
      '169.254.169.254',
      '127.0.0.1.example.com',
      '[::2]',
      '127.0.0.1:0x',
      'a\xff',
    ]);
    return wrong(signed({ ...draft, headers: replaced(draft.headers, 'host', () => host) }, signing));
  },
  (random, { draft }, signing) => {
    const origin = pick(random, ['null', 'http://localhost', 'http://127.0.0.1', 'https://example.com', '']);
    return wrong(signed({ ...draft, headers: [...draft.headers, ['origin', origin]] }, signing));
  },
  // presigned
  (random, { draft }, signing) => {
    const expires = pick(random, ['', '0', '-1', '604801', '1e3', 'NaN', '99999999999999999999', '1.5', ' 5', '+5']);
    return wrong(presigned(withoutAmz(draft), { ...signing, expires }));
  },
  (random, { draft }, signing) => {
    const atMs = Date.now() + pick(random, [-8 * 24 * 60, -6, 16, 1e6]) * MINUTE_MS;
    return wrong(presigned(withoutAmz(draft), { ...signing, atMs, expires: '300' }));
  },
  (random, { draft }, signing) => {
    const made = presigned(withoutAmz(draft), signing);
    const parts = made.query.split('&');
    const at = random.below(parts.length);
    switch (random.below(4)) {
      case 0:
        parts.splice(at, 1);
        return wrong({ ...made, query: parts.join('&') });
      case 1:
        return wrong({ ...made, query: [...parts, parts[at]!].join('&') });
      case 2:
        parts[at] =
          `${parts[at]!.split('=')[0]}=${pick(random, ['', '%zz', '%ff', 'x', '0'.repeat(3000), '__proto__'])}`;
        return wrong({ ...made, query: parts.join('&') });
      default:
        return wrong({ ...made, query: `${made.query}&versionId=x` });
    }
  },
  // both ways at once
  (_random, { draft }, signing) => perhaps(signed(presigned(withoutAmz(draft), signing), signing)),
  (_random, { draft }) => wrong(draft),
];

/** A presigned request has no header that it could not sign when it was made. */
const withoutAmz = (draft: Draft): Draft => ({
  ...draft,
  headers: draft.headers.filter(([name]) => name === 'host' || name === 'x-amz-target' || name === 'content-type'),
});

/** A right request whose signature, or what it is over, is tampered with. */
export const signatureCase: MakeCase = (random, world): FuzzCase => {
  const request = plain(random, world);
  const signing: Signing = {
    credentials: random.below(3) === 0 ? world.session : world.credentials,
    service: request.service,
  };
  const { draft, isWrong } = pick(random, TAMPERS)(random, request, signing, world);
  return {
    operation: request.operation,
    shape: 'http',
    method: draft.method,
    mustBeRefused: isWrong,
    pieces: written(draft),
  };
};
