/** A metric: four significant digits, whole numbers as they are. */
export const formatFigure = (value: number): string =>
  Number.isInteger(value) ? String(value) : Math.abs(value) >= 1000 ? value.toFixed(1) : value.toPrecision(4);

/** The first characters of a digest: enough to tell versions apart, never enough to name one. */
export const shortDigest = (digest: string): string => digest.slice(0, 12);

/** `4.2 MB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/** `1,234`: counts of rows. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** The figure that a model is known by: `auc 0.8451` or `rmse 12.3`. */
export function headlineMetric(metrics: { readonly [name: string]: number }): string {
  for (const name of ['auc', 'rmse']) {
    const value = metrics[name];
    if (value !== undefined) return `${name} ${formatFigure(value)}`;
  }
  const [first] = Object.entries(metrics);
  return first ? `${first[0]} ${formatFigure(first[1])}` : '';
}
