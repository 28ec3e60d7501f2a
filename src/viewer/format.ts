/** Numbers and times as people read them. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

export function count(value: number): string {
  return whole.format(value);
}

/** `1.2K`: where a column has no room for more. */
export function compact(value: number): string {
  return value < 10_000 ? whole.format(value) : short.format(value);
}

export function counted(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}

export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '';
  const abs = Math.max(0, ms);
  if (abs < SECOND) return `${Math.round(abs)} ms`;
  if (abs < 10 * SECOND) return `${(abs / SECOND).toFixed(2)} s`;
  if (abs < MINUTE) return `${(abs / SECOND).toFixed(1)} s`;
  if (abs < HOUR) return `${Math.floor(abs / MINUTE)} min ${Math.floor((abs % MINUTE) / SECOND)} s`;
  if (abs < DAY) return `${Math.floor(abs / HOUR)} h ${Math.floor((abs % HOUR) / MINUTE)} min`;
  return `${Math.floor(abs / DAY)} d ${Math.floor((abs % DAY) / HOUR)} h`;
}

export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1_000).toFixed(1)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

export function percent(part: number, of: number): string {
  if (of === 0) return '0 %';
  const share = (100 * part) / of;
  return share > 0 && share < 10 ? `${share.toFixed(1)} %` : `${Math.round(share)} %`;
}

/** The range of times that a date can show. */
const MAX_DATE_MS = 8_640_000_000_000_000;

export function iso(ms: number): string {
  return Math.abs(ms) <= MAX_DATE_MS ? new Date(ms).toISOString() : 'unknown time';
}

/** `2026-11-20 12:00:03`, UTC. */
export function dateTime(ms: number): string {
  return iso(ms).slice(0, 19).replace('T', ' ');
}

/** `12:00`, or with the day where that is not the day of `beside`. */
export function shortTime(ms: number, beside: number): string {
  const text = dateTime(ms);
  return text.slice(0, 10) === dateTime(beside).slice(0, 10)
    ? text.slice(11, 16)
    : text.slice(5, 16);
}

export function ago(ms: number, now: number): string {
  const past = now - ms;
  if (past < -MINUTE) return 'in the future';
  if (past < MINUTE) return 'just now';
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  return `${Math.floor(past / DAY)} d ago`;
}

/** With as many digits as others of its size, so that a column of them is read at a glance. */
export function money(amount: number, currency: string): string {
  const size = Math.abs(amount);
  const isCents = size > 0 && size < 1;
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: isCents ? 4 : 2,
    // A hundredth of a cent is not nothing.
    maximumFractionDigits: !isCents ? 2 : size < 0.0001 ? 6 : 4,
  }).format(amount);
}
