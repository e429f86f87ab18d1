/** `0.41 s`, `12.3 s`, `4 m 07 s`, `2 h 05 m`, `3 d 04 h`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} m`;
  return `${Math.floor(whole / 86_400)} d ${two(Math.floor((whole % 86_400) / 3600))} h`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** How long ago an instant was, in one unit: `just now`, `40 s ago`, `3 m ago`, `5 h ago`, `2 d ago`. */
export function formatAge(instant: string | Date, nowEpochMs: number): string {
  const seconds = Math.max(0, (nowEpochMs - new Date(instant).getTime()) / 1000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `14:03:27.120` in UTC: what stands beside the events of one day. */
export const formatTimeOfDay = (instant: string | Date): string => new Date(instant).toISOString().slice(11, 23);
