import type { PolicyDocument } from './policy.ts';

const MOST = 1000;
const DOCUMENTS = new Map<string, PolicyDocument>();

/**
 * A policy from its text in a store: the same object for the same text, so that what was read and compiled for one request
 * serves the next.
 */
export function storedPolicy(text: string): PolicyDocument {
  const known = DOCUMENTS.get(text);
  if (known) return known;
  const document = JSON.parse(text) as PolicyDocument;
  if (DOCUMENTS.size >= MOST) DOCUMENTS.delete(DOCUMENTS.keys().next().value as string);
  DOCUMENTS.set(text, document);
  return document;
}
