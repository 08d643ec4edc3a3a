import type { BarPart } from '@tickwire/protocol';
import { barPart } from './bar-part.js';
import { createBarWindow } from './bar-window.js';
import type { StreamSource } from './binance-stream.js';
import { averagePrice, barStatistics, dayStatistics } from './day-statistics.js';
import { type Fields, UnmappableMessage, wholeNumber } from './payload-fields.js';
import { averagePriceText, type EventContext, openMs, rollingText } from './payloads.js';
import { hasMinutes, newestBars } from './rest/market-data.js';
import { averageMinutes } from './rest/tickers.js';
import { StreamEvent } from './stream-event.js';
import { type RollingWindow, rollingWindows, type StreamSpec } from './stream-name.js';
import { type SourceOptions, tapBehind, unmappable } from './stream-tap.js';
import { binanceName } from './symbols.js';

/** Statistics of the newest minutes, once a second where they changed. */
const createMinutesSource = (
  options: SourceOptions,
  spec: StreamSpec,
  minutes: number,
  textOf: (bar: BarPart, context: EventContext) => string,
): StreamSource => ({
  async start(publish) {
    const { entry, paces } = options;
    const name = binanceName(entry);
    const window = createBarWindow(minutes);
    let newest: Fields | undefined;
    const publishNewest = (): void => {
      const bar = window.folded();
      const message = newest;
      newest = undefined;
      if (bar === undefined || message === undefined) return;
      publish(new StreamEvent(options.name, (unit) => textOf(bar, { message, name, unit })));
    };
    const untap = await tapBehind(
      options,
      spec,
      (past) => newestBars(past, entry, '1m', hasMinutes(minutes)),
      (bars) => {
        for (const bar of bars) window.add(bar);
      },
      (message) => {
        try {
          window.add(barPart(message, '1m'));
          newest = message;
        } catch (error) {
          if (!(error instanceof UnmappableMessage)) throw error;
          publish(unmappable(options.name, error));
        }
      },
    );
    publishNewest();
    const unpace = paces[1_000].add(publishNewest);
    return () => {
      untap();
      unpace();
    };
  },
});

export const createAveragePriceSource = (options: SourceOptions): StreamSource =>
  createMinutesSource(options, { kind: 'avgPrice' }, averageMinutes, (bar, context) =>
    averagePriceText(averagePrice(bar), bar.ts, context),
  );

/** For windows shorter than a day: the ticker knows more about a whole day. */
export const createRollingSource = (options: SourceOptions, window: RollingWindow): StreamSource =>
  createMinutesSource(options, { kind: 'rolling', window }, rollingWindows[window], (bar, context) =>
    rollingText(window, barStatistics(bar), bar, context),
  );

export const dayTickerText = (context: EventContext): string => {
  const ts = wholeNumber(context.message, 'ts');
  return rollingText('1d', dayStatistics(context.message), { start: openMs(ts), ts, trades: 0 }, context);
};
