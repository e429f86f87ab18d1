import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Tables } from '../../domain/ports/tables.ts';
import { createObjectTables } from '../tables/object-tables.ts';
import { ownObjects } from './objects.ts';

export const ownTables = (objects: ObjectStore = ownObjects()): Tables => createObjectTables(objects);
