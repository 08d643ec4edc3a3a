import { periodOf } from '@tickwire/protocol';
import { barPart, baseOf, type KlineKind } from './bar-part.js';
import type { StreamSource } from './binance-stream.js';
import type { Past } from './past.js';
import { type Fields, type TimeUnit, UnmappableMessage } from './payload-fields.js';
import { klineText } from './payloads.js';
import { isUpTo, newestBars } from './rest/market-data.js';
import { createRollingFold } from './rolling-fold.js';
import { StreamEvent } from './stream-event.js';
import { type SourceOptions, tap, tapBehind, unmappable } from './stream-tap.js';
import { binanceName } from './symbols.js';

/** Klines of any period, each closed before the next begins. */
export const createKlineSource = (options: SourceOptions, kind: KlineKind): StreamSource => ({
  start(publish) {
    const spec = { kind: 'kline', ...kind } as const;
    const base = baseOf(kind);
    const fold = createRollingFold(kind);
    const name = binanceName(options.entry);
    const publishBar = (message: Fields): void => {
      try {
        const kline = fold.add(barPart(message, base));
        if (kline === undefined) return;
        const { period } = kind;
        const text = (unit: TimeUnit): string => klineText(kline, period, kline.endMs, { message, name, unit });
        // A close that a new follower gets late would pass for one of now.
        publish(new StreamEvent(options.name, text, kline.closed));
      } catch (error) {
        if (!(error instanceof UnmappableMessage)) throw error;
        publish(unmappable(options.name, error));
      }
    };
    const inOrder = createBarOrder(publishBar);
    if (base === kind.period) return tap(options, spec, inOrder);

    const periodStart = (atMs: number): number => periodOf(kind.period, atMs, kind.offsetMs).start;
    const read = (past: Past) =>
      newestBars(past, options.entry, base, (bars) => isUpTo(bars[0], periodStart(bars.at(-1)?.start ?? 0)));
    return tapBehind(
      options,
      spec,
      read,
      (bars) => {
        for (const bar of bars) fold.add(bar);
      },
      inOrder,
    );
  },
});

/**
 * One bar after the other, each closed before the next begins. A bar of ours takes late trades for a moment while the
 * next one already grows; meanwhile the newest state of the next one waits.
 */
const createBarOrder = (publishBar: (bar: Fields) => void): ((bar: Fields) => void) => {
  let openStart: unknown;
  let closedStart = Number.NEGATIVE_INFINITY;
  let waiting: Fields | undefined;
  return (message) => {
    const { start, closed, ts } = message;
    // A closed bar that comes again says that it is not what it seemed: Binance has no way to say so.
    if (closed === true && Number(start) <= closedStart) return;
    if (closed === true) closedStart = Number(start);
    const isNext = openStart !== undefined && Number(start) > Number(openStart);
    if (isNext && closed !== true && Number(ts) - Number(start) < maxBarDelayMs) {
      waiting = message;
      return;
    }
    publishBar(message);
    openStart = closed === true ? undefined : start;
    // A bar that was sent itself meanwhile waits no longer.
    if (waiting !== undefined && Number(waiting['start']) <= Number(start)) waiting = undefined;
    if (closed !== true || waiting === undefined) return;
    publishBar(waiting);
    openStart = waiting['start'];
    waiting = undefined;
  };
};

/** Into a bar, by the venue's time: longer after its end no bar stays open, so what closed the one before was lost. */
const maxBarDelayMs = 1_000;
