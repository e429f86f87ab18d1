/** One JSON line an error, for the function's log. */
export function logError(error: unknown, key: string | null): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(JSON.stringify({ level: 'error', key, name, message, stack }));
}
