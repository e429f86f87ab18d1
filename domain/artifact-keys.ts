import type { Digest } from './content-id.ts';

/** Where things lie in an artifacts bucket. The bucket policies name these prefixes. */
export const artifactKeys = {
  incoming: (model: string, digest: Digest) => `incoming/${model}/${digest}.json`,
  recipe: (digest: Digest) => `recipes/${digest}.json`,
  work: (digest: Digest) => `work/${digest}`,
  package: (model: string, modelDigest: Digest, file: string) => `models/${model}/${modelDigest}/${file}`,
  /** The only prefix that the next environment can read. */
  outbound: (candidateId: string, file: string) => `outbound/${candidateId}/${file}`,
} as const;

/** The files of a package that its manifest names. `manifest.json` itself and `signature.json` stand beside them. */
export const packageFiles = ['model.onnx', 'model-card.md', 'golden.json', 'metrics.json'] as const;
export type PackageFile = (typeof packageFiles)[number];

/** `<model>/<any key>` of a data bucket: the model that an upload is for. Undefined when the key names none. */
export function modelOfDataKey(key: string): string | undefined {
  const slash = key.indexOf('/');
  const model = key.slice(0, slash);
  return slash > 0 && slash < key.length - 1 && /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/.test(model) ? model : undefined;
}
