import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { candidateIdOf, type PromotionRequest, promotionIdOf, requestFor, signedTextOf } from './candidate.ts';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const parts = { recipeDigest: 'r', datasetDigest: 'd', modelDigest: 'm', evidenceDigest: 'e' };
const unsigned = requestFor(sha256, {
  model: 'credit-risk',
  version: 3,
  classification: 'confidential',
  strategy: 'retrain',
  from: 'dev',
  to: 'acc',
  metrics: { auc: 0.8 },
  approvals: 1,
  ...parts,
});
const request: PromotionRequest = {
  ...unsigned,
  signature: { keyArn: 'arn:key', algorithm: 'ECDSA_SHA_256', value: 'AAAA' },
};

/** The request with each member changed, one at a time. */
const changed: { member: string; other: PromotionRequest }[] = [
  ...Object.entries({
    model: 'other',
    version: 4,
    classification: 'internal',
    strategy: 'copy',
    from: null,
    to: 'prd',
    metrics: { auc: 0.81 },
    approvals: 0,
    signature: null,
  } satisfies Omit<PromotionRequest, 'candidate'>).map(([member, value]) => ({
    member,
    other: { ...request, [member]: value } as PromotionRequest,
  })),
  ...Object.keys(request.candidate).map((member) => ({
    member: `candidate.${member}`,
    other: { ...request, candidate: { ...request.candidate, [member]: 'other' } },
  })),
];

it('every member of a request is in the list of changes', () => {
  const members = new Set(changed.map(({ member }) => member.split('.')[0]));
  expect([...members].sort()).toEqual(Object.keys(request).sort());
});

describe('a candidate id', () => {
  it('follows from the four digests', () => {
    expect(request.candidate.candidateId).toBe(candidateIdOf(sha256, parts));
    for (const part of Object.keys(parts))
      expect(candidateIdOf(sha256, { ...parts, [part]: 'x' }), part).not.toBe(candidateIdOf(sha256, parts));
    expect(candidateIdOf(sha256, { ...parts, evidenceDigest: null })).not.toBe(candidateIdOf(sha256, parts));
  });

  it('does not follow from what else is in the record, its own id least of all', () => {
    expect(candidateIdOf(sha256, request.candidate)).toBe(request.candidate.candidateId);
    expect(candidateIdOf(sha256, { ...request.candidate, candidateId: 'forged' } as typeof parts)).toBe(
      request.candidate.candidateId,
    );
  });
});

describe('a promotion id', () => {
  it('is one for one request, however often it comes', () => {
    const again = JSON.parse(JSON.stringify(request)) as PromotionRequest;
    expect(promotionIdOf(sha256, again, null)).toBe(promotionIdOf(sha256, request, null));
  });

  it.each(changed)('is another one where $member is', ({ other }) => {
    expect(promotionIdOf(sha256, other, null)).not.toBe(promotionIdOf(sha256, request, null));
  });

  it('is another one for another run that registered, and for each replay', () => {
    const ids = [
      promotionIdOf(sha256, request, null),
      promotionIdOf(sha256, request, 'train-1'),
      promotionIdOf(sha256, request, 'train-2'),
      promotionIdOf(sha256, request, 'train-1', 1),
      promotionIdOf(sha256, request, 'train-1', 2),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(promotionIdOf(sha256, request, 'train-1', 0)).toBe(ids[1]);
  });
});

describe('what is signed', () => {
  it('is the whole request but the signature', () => {
    expect(signedTextOf(request)).toBe(signedTextOf(unsigned));
    for (const { member, other } of changed.filter(({ member }) => member !== 'signature'))
      expect(signedTextOf(other), member).not.toBe(signedTextOf(request));
  });
});
