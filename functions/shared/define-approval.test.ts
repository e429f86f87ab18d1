import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { expect, it } from 'vitest';
import type { AuditEvent } from '../../domain/audit-event.ts';
import { defineApproval } from './define-approval.ts';

const decision = { promotionId: 'p-1', candidateId: 'c-1', decision: 'approved', comment: 'fine' };

/** What the URL answers to a request that `userArn` signed, who was asked to decide, and what the trail holds. */
async function send(userArn: string | undefined, body: unknown = decision) {
  const audit: AuditEvent[] = [];
  const asked: string[] = [];
  const handler = defineApproval({
    run: async (_request, by) => {
      asked.push(by);
      return { output: { approvals: 1 }, verdict: 'approved', model: 'tiny', actor: by };
    },
    recorder: {
      registry: {
        commit: async ({ audit: event }: { audit: AuditEvent }) => {
          audit.push(event);
          return { committed: true };
        },
      },
      clock: { now: () => 0, monotonicMs: () => 0 },
      sha256: () => '0'.repeat(64),
      environment: 'dev',
    } as unknown as Parameters<typeof defineApproval>[0]['recorder'],
  });
  const event = {
    requestContext: { http: { method: 'POST' }, ...(userArn && { authorizer: { iam: { userArn } } }) },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
  const context = { functionName: 'record-approval', awsRequestId: 'r-1' } as Context;
  const { statusCode } = (await handler(event, context)) as APIGatewayProxyStructuredResultV2;
  return { statusCode, asked, audit };
}

it('a decision is made in the name of who signed the request', async () => {
  const arn = 'arn:aws:sts::111111111111:assumed-role/approver/ann';
  const { statusCode, asked, audit } = await send(arn);
  expect({ statusCode, asked }).toEqual({ statusCode: 200, asked: [arn] });
  expect(audit.map(({ actor, outcome }) => ({ actor, outcome }))).toEqual([{ actor: arn, outcome: 'succeeded' }]);
});

it('a request that nobody signed decides nothing, and leaves its audit event', async () => {
  const { statusCode, asked, audit } = await send(undefined);
  expect({ statusCode, asked }).toEqual({ statusCode: 403, asked: [] });
  expect(audit.map(({ actor, outcome }) => ({ actor, outcome }))).toEqual([{ actor: 'nobody', outcome: 'failed' }]);
});
