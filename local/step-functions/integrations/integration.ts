import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { Services } from '../../service.ts';
import type { NestedExecutions } from './nested-execution.ts';

/** What the integrations work with. */
export interface Integration {
  readonly services: Services;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly nested: NestedExecutions;
}
