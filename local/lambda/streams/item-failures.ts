/**
 * What a function that reports item failures said: the index of the first record to run again, or undefined when there is none. An answer that names a
 * record that was not sent, or that makes no sense, fails the whole batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function itemFailureIndex(payload: string, sequenceNumbers: readonly string[]): number | undefined {
  const answer = JSON.parse(payload) as unknown;
  if (answer === null || answer === undefined) return undefined;
  if (typeof answer !== 'object') return 0;
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return undefined;
  if (!Array.isArray(failures)) return 0;
  if (failures.length === 0) return undefined;
  const indexes = failures.map((failure) =>
    sequenceNumbers.indexOf(String((failure as { itemIdentifier?: unknown } | null)?.itemIdentifier)),
  );
  return indexes.includes(-1) ? 0 : Math.min(...indexes);
}
