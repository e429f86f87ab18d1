/** Who may import whom. The first rule whose `files` matches a file is its rule; see "Layout" in the README. */
export interface LayerRule {
  readonly files: RegExp;
  /** Of the repository: what may be imported beside the file's own layer. `{self}` is the function's own folder. */
  readonly ours: readonly string[];
  /** Of the repository: only for its types. */
  readonly typesOnly?: readonly string[];
  /** Node's own modules. */
  readonly node: boolean;
  /** Packages; a pattern over the specifier. */
  readonly packages: RegExp;
  readonly because: string;
}

const NONE = /^$/;
const ANY = /./;
const NOT_THE_SDK = /^(?!@aws-sdk\/|@smithy\/)/;

export const layerRules: readonly LayerRule[] = [
  {
    files: /^domain\//,
    ours: ['domain/'],
    node: false,
    packages: NONE,
    because:
      'a decision that depends on nothing but its arguments can be tested without a world around it, and read without one: domain/ imports nothing but itself',
  },
  {
    files: /^ml\//,
    ours: ['ml/'],
    node: false,
    packages: NONE,
    because:
      'training must give the same bytes everywhere and know nothing of who asked for it: ml/ imports nothing but itself',
  },
  {
    files: /^contracts\/(?:[a-z-]+\/)*write-[a-z-]+\.ts$/,
    ours: ['contracts/', 'domain/'],
    node: true,
    packages: ANY,
    because:
      'a writer of generated schemas is run by hand and imported by nothing; it still knows contracts and domain only',
  },
  {
    files: /^contracts\//,
    ours: ['contracts/', 'domain/'],
    node: false,
    packages: /^(?:valibot|@valibot\/to-json-schema|yaml)$/,
    because:
      'a contract says what crosses a process boundary and does nothing: contracts/ may use domain/, valibot and yaml, no node and no SDK',
  },
  {
    files: /^adapters\//,
    ours: ['adapters/', 'domain/', 'contracts/'],
    node: true,
    packages: ANY,
    because:
      'adapters/ carry the ports of domain/ out on AWS; what they knew of functions or ml would be a decision in the wrong place',
  },
  {
    files: /^functions\/shared\//,
    ours: ['functions/shared/', 'domain/', 'contracts/', 'adapters/'],
    node: true,
    packages: NOT_THE_SDK,
    because: 'what all handlers share may wire, but speaks to AWS through adapters/ only',
  },
  {
    files: /^functions\/[^/]+\/handler\.ts$/,
    ours: ['{self}', 'functions/shared/', 'adapters/', 'contracts/'],
    typesOnly: ['domain/'],
    node: false,
    packages: NONE,
    because: 'a handler only wires its own step to adapters; a decision in it could not be tested without AWS',
  },
  {
    files: /^functions\//,
    ours: ['{self}', 'domain/', 'contracts/', 'ml/'],
    node: false,
    packages: NOT_THE_SDK,
    because:
      'a step takes what it needs as arguments: with an import of adapters/, of a handler or of another function it could not be run without them',
  },
  {
    files: /^local\//,
    ours: ['local/'],
    node: true,
    packages: NOT_THE_SDK,
    because:
      'local/ is AWS on one machine and knows no word of Sluice: it gets the packaged template and the bundles as data, and clients are none of its parts',
  },
  {
    files: /^cli\/state-machines\//,
    ours: ['cli/', 'contracts/', 'domain/', 'adapters/', 'local/step-functions/offline/'],
    node: true,
    packages: ANY,
    because:
      'a definition that is tried out where nothing runs needs the engine itself: it is offered as local/step-functions/offline/, which opens no socket and no file, and the rest of local/ stays out of reach',
  },
  {
    files: /^cli\//,
    ours: ['cli/', 'contracts/', 'domain/', 'adapters/'],
    node: true,
    packages: ANY,
    because: 'the CLI must work against AWS as it works here, so it may not reach into local/ or into a function',
  },
  {
    files: /^scripts\//,
    ours: ['scripts/', 'local/', 'cli/', 'contracts/', 'domain/', 'test/'],
    node: true,
    packages: ANY,
    because:
      'scripts/ build, package and start, and show what happens as a user sees it: through cli/ and the SDK, never through a function or an adapter',
  },
  {
    files: /^examples\//,
    ours: ['{self}'],
    node: true,
    packages: NONE,
    because: 'a user copies an example out of the repository, where nothing of ours is beside it',
  },
  {
    files: /^bench\//,
    ours: [
      'bench/',
      'scripts/',
      'cli/',
      'local/',
      'ml/',
      'test/support/',
      'adapters/',
      'contracts/',
      'domain/',
      'functions/',
    ],
    node: true,
    packages: ANY,
    because: 'a benchmark may measure any part',
  },
];

/** Tests may build their world from what they like, with one exception. */
export const testRule = {
  of: /^local\//,
  ours: ['local/', 'test/support/'],
  because: 'the tests of local/ hold it to what AWS does, not to what Sluice needs of it',
} as const;
