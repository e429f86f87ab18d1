import type { PolicyDocument } from './policy.ts';

/** A place in a policy's text, both from 1. */
export interface TextPosition {
  readonly Line: number;
  readonly Column: number;
}

/** A policy as IAM's operations show it: what the positions of a simulation count in. */
export const policyText = (document: PolicyDocument): string => JSON.stringify(document, null, 2);

/** Where a statement, by its index from 0, stands in `policyText`. */
export function statementPosition(document: PolicyDocument, index: number): { start: TextPosition; end: TextPosition } {
  const text = policyText(document);
  const statements = (Array.isArray(document.Statement) ? document.Statement : [document.Statement]) as object[];
  const indent = Array.isArray(document.Statement) ? '    ' : '  ';
  let from = text.indexOf('"Statement":') + '"Statement":'.length;
  for (let at = 0; ; at++) {
    const statement = JSON.stringify(statements[at], null, 2).replaceAll('\n', `\n${indent}`);
    const start = text.indexOf(statement, from);
    from = start + statement.length;
    if (at === index) return { start: positionOf(text, start), end: positionOf(text, from) };
  }
}

function positionOf(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  return { Line: before.split('\n').length, Column: offset - before.lastIndexOf('\n') };
}
