/**
 * A step gives up this long before Lambda kills it, so that an attempt that ran out of time still leaves its audit event. Work that
 * never yields (a trainer in one piece) is killed all the same; ReconcileAudit finds it.
 */
export const EARLY_TIMEOUT_MS = 1_000;
