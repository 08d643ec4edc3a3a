import type { LiveClient } from '../data/live-client.js';
import type { LatencyStats } from '../model/latency.js';
import type { NumberText } from '../model/number-text.js';
import { createSparkline } from '../model/sparkline.js';
import { byId, el, setData, setText } from './dom.js';
import { createSparklineCanvas } from './sparkline-canvas.js';
import type { Palette } from './theme.js';

/** The figures of the page's connection. */
export interface ConnectionCard {
  paint(now: number, palette: Palette): void;
}

const none = '–';
const shownSeconds = 60;
const wordOf = { connecting: 'connecting', live: 'live', reconnecting: 'reconnecting', refused: 'closed' } as const;

export const createConnectionCard = (client: LiveClient, text: NumberText): ConnectionCard => {
  const body = byId('connection-body');
  const note = byId('connection-note');
  const list = el('dl', { class: 'facts' });
  const fact = (label: string, field: string, title?: string): HTMLElement => {
    const value = el('dd', { 'data-field': field }, none);
    list.append(el('div', { title }, el('dt', {}, label), value));
    return value;
  };
  const gateway = fact('Gateway', 'gateway');
  const roundTrip = fact('Round trip', 'round-trip');
  const rate = fact('Ticks', 'rate', 'Publications received a second');
  const spark = createSparklineCanvas();
  const fromVenue = fact('From venue', 'from-venue', 'By the venue’s clock and this device’s: half and 95% of trades');
  const fromPublish = fact('From publish', 'from-publish', 'Since the producer published it: half and 95% of trades');
  const conflated = fact(
    'Conflated',
    'conflated',
    'Left out on the way because this page asked for four updates a second',
  );
  const recovered = fact('Recovered', 'recovered', 'Missed while away, and read back');
  const reconnects = fact('Reconnects', 'reconnects');
  const caption = el('p', { class: 'rate-caption', 'aria-hidden': 'true' }, 'Ticks over the last minute');
  body.append(list, el('div', { class: 'rate-chart' }, caption, spark.canvas));
  let line = createSparkline({ stepMs: 1_000, maxPoints: shownSeconds, floor: 0 });
  let lineUntil = 0;

  const latency = (stats: LatencyStats): string => {
    const [half, most] = [stats.quantile(0.5), stats.quantile(0.95)];
    if (half === undefined || most === undefined) return none;
    return `${text.latency(half)} · ${text.latency(most)}`;
  };

  return {
    paint(now, palette) {
      const { state, counters } = client;
      setText(note, wordOf[state.name]);
      setData(note, 'kind', state.name === 'live' ? 'ready' : 'warming');
      if (state.name === 'live') setText(gateway, state.gateway);
      setText(roundTrip, client.roundTripMs === undefined ? none : text.latency(client.roundTripMs));
      setText(rate, `${text.perSecond(client.rate.perSecond(now))}/s`);
      const second = Math.floor(now / 1_000);
      if (second !== lineUntil) {
        lineUntil = second;
        line = createSparkline({ stepMs: 1, maxPoints: shownSeconds, floor: 0 });
        for (const [i, count] of client.rate.recent(now, shownSeconds).entries()) line.add(i, count);
      }
      spark.paint(line, palette.accent);
      setText(fromVenue, latency(client.fromVenue));
      setText(fromPublish, latency(client.fromPublish));
      setText(conflated, text.count(counters.conflated));
      setText(recovered, text.count(counters.recovered));
      setText(reconnects, text.count(counters.reconnects));
    },
  };
};
