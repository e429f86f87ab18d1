import type { PackageFile } from './artifact-keys.ts';
import type { Classification } from './classification.ts';
import type { Digest } from './content-id.ts';
import type { Signature } from './signature.ts';

/** A feature as a served model takes it. Missing is null. */
export interface Feature {
  readonly name: string;
  readonly kind: 'number' | 'category';
}

/** `manifest.json`: names every file of a package by digest. The digest of its canonical JSON is the model's. */
export interface PackageManifest {
  readonly kind: 'sluice.package/1';
  readonly model: string;
  readonly task: 'binary-classification' | 'regression';
  readonly algorithm: string;
  readonly recipeDigest: Digest;
  readonly datasetDigest: Digest;
  readonly classification: Classification;
  readonly features: readonly Feature[];
  /** Binary classification: the label whose probability is given, the other one, and where to cut. */
  readonly positive: string | null;
  readonly negative: string | null;
  readonly threshold: number | null;
  readonly files: { readonly [file in PackageFile]: { readonly sha256: Digest; readonly bytes: number } };
}

/** `signature.json`: the environment's word for the manifest, and the model's inputs and outputs. */
export interface PackageSignature {
  readonly kind: 'sluice.signature/1';
  readonly modelDigest: Digest;
  readonly inputs: readonly Feature[];
  readonly outputs: readonly { readonly name: string; readonly kind: 'number' | 'category' }[];
  readonly signature: Signature;
}

/** `golden.json`: requests made from the features alone, no row of the data, with the answers of the model before it was packaged. */
export interface GoldenRequests {
  readonly rows: readonly { readonly [feature: string]: number | string | null }[];
  /** Probability of the positive label, or the predicted value. */
  readonly scores: readonly number[];
}
