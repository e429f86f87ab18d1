import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, TestedOperation } from './answered-requests.ts';

export const TESTED_FILE = join(import.meta.dirname, 'tested-operations.json');

/** Service → operation → with what the tests drive it on the wire, in alphabetical order. */
export type TestedOperations = Readonly<Record<string, Readonly<Record<string, readonly Client[]>>>>;

export const readTestedOperations = (): TestedOperations =>
  JSON.parse(readFileSync(TESTED_FILE, 'utf8')) as TestedOperations;

export function testedOperations(recorded: readonly TestedOperation[]): TestedOperations {
  const services = new Map<string, Map<string, Set<Client>>>();
  for (const { service, operation, client } of recorded) {
    const operations = services.get(service) ?? new Map<string, Set<Client>>();
    services.set(service, operations);
    const clients = operations.get(operation) ?? new Set<Client>();
    operations.set(operation, clients.add(client));
  }
  const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted(services).map(([service, operations]) => [
      service,
      Object.fromEntries(sorted(operations).map(([operation, clients]) => [operation, [...clients].sort()])),
    ]),
  );
}
