import type { Forecast, ForecastHorizon } from '@tickwire/protocol';
import type { ClockText } from '../model/clock-text.js';
import type { NumberText } from '../model/number-text.js';
import { horizonText, scoreText } from '../model/score-text.js';
import { byId, el, setData, setText } from './dom.js';
import { createHorizonTable } from './horizon-table.js';

export interface ForecastCard {
  paint(moment: ForecastMoment): void;
}

export interface ForecastMoment {
  readonly forecast: Forecast | undefined;
  readonly horizonSeconds: number;
  readonly decimals: number;
  /** Seconds of prices seen so far, as far as this page knows. */
  readonly seenSeconds: number;
  /** Whether there are forecasts of this symbol. */
  readonly isForecast: boolean;
  /** The server has answered: before that nothing is known. */
  readonly isAnswered: boolean;
  /** There should have been a newer one. */
  readonly isStale: boolean;
  readonly text: NumberText;
  readonly clock: ClockText;
}

/** Steps a forecaster watches before it says anything: seconds, and minutes for the longest horizon. */
const silentSteps = 100;
const minuteHorizon = 900;
/** Inside of the interval that the title names. */
const rungLevels = ['90', '80', '50'] as const;
/** The document as the build leaves it beside the page. */
const documentAddress = 'forecasting.txt';
const heldNotes = {
  'as promised': 'as promised',
  'too few': 'fewer than promised',
  'more than promised': 'more than promised',
  unknown: '',
} as const;

export const createForecastCard = (): ForecastCard => {
  const body = byId('forecast-body');
  const note = byId('forecast-note');
  const lead = el('p', { class: 'lead' });
  const range = el('p', { class: 'range', 'data-field': 'interval' });
  const ladder = el('div', { class: 'ladder', 'aria-hidden': 'true' });
  const rungs = rungLevels.map((level) => {
    const bar = el('i', { class: `rung rung-${level}` });
    ladder.append(bar);
    return { level, bar };
  });
  const pin = el('i', { class: 'pin' });
  ladder.append(pin);
  const low = el('span', { class: 'ladder-low' });
  const high = el('span', { class: 'ladder-high' });
  const ends = el(
    'p',
    { class: 'ladder-ends', 'aria-hidden': 'true' },
    low,
    el('span', {}, 'now, in the 90% interval'),
    high,
  );
  const list = el('dl', { class: 'facts' });
  const fact = (label: string, field: string): HTMLElement => {
    const value = el('dd', { 'data-field': field });
    list.append(el('div', {}, el('dt', {}, label), value));
    return value;
  };
  const held = fact('Held', 'held');
  const width = fact('Width', 'width');
  const direction = fact('Direction', 'direction');
  const outcomes = fact('Scored', 'outcomes');
  const table = createHorizonTable();
  const full = el('div', { class: 'forecast-full' }, lead, range, ladder, ends, list, explanation());
  const meter = el('progress', { max: String(silentSteps), 'aria-label': 'Prices seen so far' });
  const learning = el('p', {});
  const missing = el('strong', {});
  const none = el('div', { class: 'forecast-none' }, missing, learning, meter);
  body.append(none, full, table.element);

  const paintLadder = ({ price }: Forecast, { levels }: ForecastHorizon, moment: ForecastMoment): void => {
    const [from, to] = [Number(levels[90][0]), Number(levels[90][1])];
    const at = (value: number): number => ((value - from) / (to - from)) * 100;
    for (const { level, bar } of rungs) {
      const [start, end] = [at(Number(levels[level][0])), at(Number(levels[level][1]))];
      bar.style.left = `${start.toFixed(2)}%`;
      bar.style.width = `${(end - start).toFixed(2)}%`;
    }
    pin.style.left = `${Math.min(100, Math.max(0, at(Number(price)))).toFixed(2)}%`;
    setText(low, rounded(levels[90][0], moment));
    setText(high, rounded(levels[90][1], moment));
  };

  return {
    paint(moment) {
      const { forecast, horizonSeconds, seenSeconds, text } = moment;
      const horizon = forecast?.horizons.find(({ seconds }) => seconds === horizonSeconds);
      none.hidden = horizon !== undefined;
      full.hidden = horizon === undefined;
      table.element.hidden = forecast === undefined;
      if (forecast !== undefined) table.paint(forecast, horizonSeconds, moment.decimals, text);
      setText(missing, moment.isForecast ? 'No forecast yet' : 'No forecast');
      if (!moment.isForecast) {
        meter.hidden = true;
        setText(note, '');
        setText(
          learning,
          'These prices are published beside the producer, which makes forecasts of its own prices only.',
        );
        return;
      }
      if (!moment.isAnswered && forecast === undefined) {
        meter.hidden = true;
        setText(note, '');
        setText(missing, '');
        setText(learning, '');
        return;
      }
      if (forecast === undefined || horizon === undefined) {
        meter.hidden = false;
        // The seconds come first: without them there is no forecast.
        const isLong = forecast !== undefined && horizonSeconds === minuteHorizon;
        meter.value = Math.min(silentSteps, isLong ? seenSeconds / 60 : seenSeconds);
        setText(note, 'learning');
        setData(note, 'kind', 'warming');
        setText(
          learning,
          `The model watches ${silentSteps} ${isLong ? 'minutes' : 'seconds'} of prices before it looks ` +
            `${horizonText(horizonSeconds)} ahead.`,
        );
        return;
      }
      const since = moment.isStale ? ` of ${moment.clock.second(forecast.ts)}` : '';
      setText(note, moment.isStale ? 'stale' : horizon.warming ? 'warming up' : 'calibrated');
      setData(note, 'kind', moment.isStale || horizon.warming ? 'warming' : 'ready');
      setText(lead, `90% interval, ${horizonText(horizonSeconds)} ahead${since}`);
      const [from, to] = horizon.levels[90];
      setText(range, `${rounded(from, moment)} to ${rounded(to, moment)}`);
      paintLadder(forecast, horizon, moment);
      const scores = scoreText(horizon, text);
      const remark = horizon.warming ? '' : heldNotes[scores.heldNote];
      setText(held, remark === '' ? scores.held : `${scores.held}, ${remark}`);
      setData(held, 'kind', scores.heldNote === 'too few' ? 'warn' : 'plain');
      setText(width, scores.width);
      setText(direction, scores.direction);
      setText(outcomes, `${text.count(horizon.scores.n)} forecasts${horizon.warming ? ', too few to be sure' : ''}`);
    },
  };
};

/** Bands have more digits than the venue's prices; people need only the venue's. */
const rounded = (price: string, { text, decimals }: ForecastMoment): string =>
  text.price(Number(price).toFixed(decimals), decimals);

const explanation = (): HTMLElement => {
  const term = (name: string, meaning: string): HTMLElement => el('p', {}, el('b', {}, name), ` ${meaning}`);
  return el(
    'details',
    { class: 'explanation' },
    el('summary', {}, 'What these figures mean'),
    term(
      '90%',
      'of such intervals should contain the price at the end of that time. They say how far it may move, not where to.',
    ),
    term('Held', 'is the share of past intervals that did. Near 90% is right; fewer means that they were too narrow.'),
    term('Width', 'compares them, misses included, with a band of constant width.'),
    term('Direction', 'says whether the middle of the interval foretold up or down better than a coin.'),
    term('Scored', 'counts the forecasts whose time has come. They overlap.'),
    el(
      'p',
      {},
      el('a', { href: documentAddress, target: '_blank', rel: 'noreferrer' }, 'How they are made and checked'),
    ),
  );
};
