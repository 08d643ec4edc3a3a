/** Times of day in the viewer's locale and time zone. */
export interface ClockText {
  /** `14:03:27` */
  second(ms: number): string;
  /** `14:03` */
  minute(ms: number): string;
  day(ms: number): string;
  /** Day and time to the second. */
  full(ms: number): string;
}

export const createClockText = (locales?: readonly string[], timeZone?: string): ClockText => {
  const make = (options: Intl.DateTimeFormatOptions): ((ms: number) => string) => {
    const tags = locales === undefined ? undefined : [...locales];
    const format = new Intl.DateTimeFormat(tags, { ...options, ...(timeZone !== undefined && { timeZone }) });
    return (ms) => format.format(ms);
  };
  return {
    second: make({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    minute: make({ hour: '2-digit', minute: '2-digit' }),
    day: make({ day: 'numeric', month: 'short' }),
    full: make({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  };
};
