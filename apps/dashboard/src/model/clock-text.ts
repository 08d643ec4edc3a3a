/**
 * Times of day in the viewer's locale and time zone: with AM and PM where the locale has them. Each formatter is made
 * when its first time comes.
 */
export interface ClockText {
  /** `14:03:27`, `02:03:27 PM` */
  second(ms: number): string;
  /** `14:03` */
  minute(ms: number): string;
  day(ms: number): string;
  /** Day and time to the second. */
  full(ms: number): string;
  /** The beginning of a candle: as exact as its length asks for. Days begin at midnight UTC, and are those of UTC. */
  candle(ms: number, intervalMs: number): string;
  /** `Europe/Berlin` */
  readonly zone: string;
  /** What to add to a time so that, read as UTC, it is the time of day here. */
  shiftMs(ms: number): number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const createClockText = (locales?: readonly string[], timeZone?: string): ClockText => {
  const tags = locales === undefined ? undefined : [...locales];
  const make = (options: Intl.DateTimeFormatOptions, zone = timeZone): ((ms: number) => string) => {
    let format: Intl.DateTimeFormat | undefined;
    return (ms) => {
      format ??= new Intl.DateTimeFormat(tags, { ...options, ...(zone !== undefined && { timeZone: zone }) });
      return format.format(ms);
    };
  };
  const zone = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  let parts: Intl.DateTimeFormat | undefined;
  const second = make({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const minute = make({ hour: '2-digit', minute: '2-digit' });
  const dayAndMinute = make({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  const utcDay = make({ day: 'numeric', month: 'short', year: 'numeric' }, 'UTC');
  return {
    second,
    minute,
    day: make({ day: 'numeric', month: 'short' }),
    full: make({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    candle(ms, intervalMs) {
      if (intervalMs >= dayMs) return `${utcDay(ms)} UTC`;
      if (intervalMs >= hourMs) return dayAndMinute(ms);
      return intervalMs < 60_000 ? second(ms) : minute(ms);
    },
    zone,
    shiftMs(ms) {
      parts ??= new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
      const shown = parts.formatToParts(ms);
      const at = (type: Intl.DateTimeFormatPartTypes): number =>
        Number(shown.find((part) => part.type === type)?.value ?? 0);
      const local = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
      return local - Math.floor(ms / 1_000) * 1_000;
    },
  };
};
