import * as v from 'valibot';
import * as s from '../shapes.ts';

/** One attempt of one function, as the audit trail keeps it. */
export const auditRecorded = {
  type: 'Audit Recorded',
  version: 1,
  data: v.strictObject({ audit: s.auditEvent }),
} as const;
