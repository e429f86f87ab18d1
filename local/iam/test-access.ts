import type { Clock } from '../clock.ts';
import { type Access, administratorsOnly } from './access.ts';
import type { IdentityPolicies } from './identity.ts';
import type { PolicyStatement } from './policy.ts';

const ALL: PolicyStatement = { Effect: 'Allow', Action: '*', Resource: '*' };

/** For a test of one service by itself: every role is there, may be taken by every service and may do everything. */
export const everyRoleMay = (clock: Pick<Clock, 'now'>): Access => ({
  ...administratorsOnly,
  nowMs: () => clock.now(),
  policiesOf: (principal) => (principal.kind === 'service' ? NOTHING : EVERYTHING),
});

const NOTHING: IdentityPolicies = { policies: [], tags: {} };
const EVERYTHING: IdentityPolicies = {
  policies: [{ name: 'everything', document: { Version: '2012-10-17', Statement: [ALL] } }],
  tags: {},
  trust: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] },
};
