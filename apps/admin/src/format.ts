const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const dayMs = 86_400_000;

export const formatCount = (count: number): string => whole.format(count);

/** A dash if there is no rate yet. */
export const formatRate = (perSecond: number | null): string =>
  perSecond === null ? '–' : (perSecond < 100 ? short : whole).format(perSecond);

export const formatBytes = (bytes: number): string =>
  bytes < 1_024
    ? `${bytes} B`
    : bytes < 1_048_576
      ? `${short.format(bytes / 1_024)} KiB`
      : `${whole.format(bytes / 1_048_576)} MiB`;

/** With the day if it is more than 24 hours away. A number that is not a time is shown unchanged. */
export const formatTime = (at: number, now: number): string => {
  if (Number.isNaN(new Date(at).getTime())) return String(at);
  return Math.abs(now - at) < dayMs ? clock.format(at) : dayAndClock.format(at);
};

export const shortId = (id: string): string => id.slice(0, 8);

interface Row {
  readonly name: string;
  readonly worker?: number;
  readonly id: string;
}

/** Workers under the name of their gateway and their number, always in the same order, whichever of them answered. */
export const nameGateways = <Gateway extends Row>(gateways: readonly Gateway[]): readonly Gateway[] =>
  gateways
    .toSorted((a, b) => a.name.localeCompare(b.name) || (a.worker ?? 0) - (b.worker ?? 0) || (a.id < b.id ? -1 : 1))
    .map((gateway) => ({
      ...gateway,
      name: gateway.worker === undefined ? gateway.name : `${gateway.name}, worker ${gateway.worker}`,
    }));
