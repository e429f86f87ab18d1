import { AwsError } from '../aws-error.ts';

const UNITS_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const LAST_YEAR = 2199;

/**
 * When a `rate(…)` or `cron(…)` expression is due next after a moment, in UTC; null when never again.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * Throws ValidationException when it is neither.
 */
export function nextTimeOf(expression: string, afterMs: number): number | null {
  const rate = /^rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate) {
    const [, count = '', unit = '', plural] = rate;
    if ((count === '1') === (plural === 's')) throw invalid();
    return afterMs + Number(count) * (UNITS_MS[unit] as number);
  }
  const cron = /^cron\((.+)\)$/.exec(expression);
  if (!cron) throw invalid();
  return nextCronTime((cron[1] as string).trim().split(/\s+/), afterMs);
}

const invalid = (): AwsError => new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');

function nextCronTime(fields: readonly string[], afterMs: number): number | null {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6 || (dayOfMonth === '?') === (dayOfWeek === '?')) throw invalid();
  const minutes = readField(minute, 0, 59);
  const hours = readField(hour, 0, 23);
  const months = readField(month, 1, 12, MONTHS);
  const years = readField(year, 1970, LAST_YEAR);
  const isDue = dayOfMonth === '?' ? dueOnWeekday(dayOfWeek) : dueOnMonthDay(dayOfMonth);

  const from = new Date(afterMs - (afterMs % 60_000) + 60_000);
  const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate());
  for (let dayMs = first; ; dayMs += UNITS_MS.day as number) {
    const day = new Date(dayMs);
    if (day.getUTCFullYear() > Math.max(...years)) return null;
    if (!years.has(day.getUTCFullYear()) || !months.has(day.getUTCMonth() + 1) || !isDue(day)) continue;
    for (const h of [...hours].sort((a, b) => a - b)) {
      for (const m of [...minutes].sort((a, b) => a - b)) {
        const at = dayMs + h * 3_600_000 + m * 60_000;
        if (at >= from.getTime()) return at;
      }
    }
  }
}

function readField(text: string, least: number, most: number, names: readonly string[] = []): ReadonlySet<number> {
  const values = new Set<number>();
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toUpperCase());
    const value = named >= 0 ? named + 1 : /^[0-9]+$/.test(word) ? Number(word) : Number.NaN;
    if (!(value >= least && value <= most)) throw invalid();
    return value;
  };
  for (const part of text.split(',')) {
    const [range = '', step] = part.split('/');
    const [low = '', high] = range.split('-');
    if (step !== undefined && !/^[1-9][0-9]*$/.test(step)) throw invalid();
    const from = low === '*' ? least : numberOf(low);
    const to = high === undefined ? (low === '*' || step !== undefined ? most : from) : numberOf(high);
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

const daysInMonth = (day: Date): number =>
  new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();

function dueOnMonthDay(text: string): (day: Date) => boolean {
  if (text === 'L') return (day) => day.getUTCDate() === daysInMonth(day);
  const nearest = /^([0-9]+)W$/.exec(text);
  if (nearest) {
    const [wanted = 1] = readField(nearest[1] as string, 1, 31);
    return (day) => day.getUTCDate() === nearestWeekday(day, wanted);
  }
  const days = readField(text, 1, 31);
  return (day) => days.has(day.getUTCDate());
}

function nearestWeekday(inMonth: Date, wanted: number): number {
  const last = daysInMonth(inMonth);
  const date = Math.min(wanted, last);
  const weekday = new Date(Date.UTC(inMonth.getUTCFullYear(), inMonth.getUTCMonth(), date)).getUTCDay();
  if (weekday === 6) return date === 1 ? 3 : date - 1;
  if (weekday === 0) return date === last ? date - 2 : date + 1;
  return date;
}

function dueOnWeekday(text: string): (day: Date) => boolean {
  const nth = /^([1-7]|[A-Za-z]{3})#([1-5])$/.exec(text);
  if (nth) {
    const [weekday = 1] = readField(nth[1] as string, 1, 7, DAYS);
    return (day) => day.getUTCDay() + 1 === weekday && Math.ceil(day.getUTCDate() / 7) === Number(nth[2]);
  }
  const last = /^([1-7]|[A-Za-z]{3})L$/.exec(text);
  if (last) {
    const [weekday = 1] = readField(last[1] as string, 1, 7, DAYS);
    return (day) => day.getUTCDay() + 1 === weekday && day.getUTCDate() + 7 > daysInMonth(day);
  }
  const days = readField(text, 1, 7, DAYS);
  return (day) => days.has(day.getUTCDay() + 1);
}
