import { describe, expect, it } from '@jest/globals';
import type { Forecast } from '@tickwire/protocol';
import { type Alert, type AlertWish, alertKey, maxAlerts, readAlerts } from './alert.js';
import { createAlertBook } from './alert-book.js';
import { alertCondition, alertNews } from './alert-text.js';
import { createIntervalJudge } from './interval-judge.js';
import { createNumberText } from './number-text.js';
import { parseTypedPrice } from './typed-number.js';

const btc = { venue: 'sim', symbol: 'BTC-USD' };
const market = 'sim.BTC-USD';
const above: AlertWish = { kind: 'above', ...btc, price: '100.5' };
const below: AlertWish = { kind: 'below', ...btc, price: '99' };

const createBook = (alerts: readonly Alert[] = []) => {
  const fired: Alert[] = [];
  const time = { now: 1_000 };
  const book = createAlertBook({
    alerts,
    now: () => time.now,
    wall: () => time.now,
    onChange: () => {},
    onFired: (alert) => fired.push(alert),
  });
  return { book, fired, time };
};

describe('alerts', () => {
  it('[D70] fire once for a crossing, and again only once they were armed', () => {
    const { book, fired } = createBook();
    book.add(above);
    for (const price of ['100', '100.49', '100.5', '100.6', '100', '101']) book.price(market, price);
    expect(fired).toEqual([{ ...above, state: 'fired', firedAt: 1_000, firedPrice: '100.5' }]);
    book.rearm(alertKey(above));
    for (const price of ['102', '103']) book.price(market, price);
    expect(fired).toHaveLength(1);
    for (const price of ['100', '101']) book.price(market, price);
    expect(fired).toHaveLength(2);
  });

  it('[D71] of two tabs that fire at once come to rest', () => {
    let saved = '';
    const events: (() => void)[] = [];
    const tabs = [1_000, 1_001].map((nowMs, tab) => {
      const save = (): void => {
        const text = JSON.stringify(book.alerts);
        if (text === saved) return;
        saved = text;
        // A browser notifies the other tab, after both have fired.
        events.push(() => tabs[1 - tab]?.replace(readAlerts(text)));
      };
      const onChange = (origin: string): void => void (origin === 'here' && save());
      const book = createAlertBook({ alerts: [], now: () => nowMs, wall: () => nowMs, onChange, onFired: () => {} });
      return book;
    });
    tabs[0]?.add(above);
    events.shift()?.();
    for (const price of ['100', '101']) for (const tab of tabs) tab.price(market, price);
    let turns = 0;
    for (; events.length > 0 && turns < 100; turns += 1) events.shift()?.();
    expect([turns < 10, readAlerts(saved).map(({ state }) => state)]).toEqual([true, ['fired']]);
  });

  it('[D70] hear of the other side and of other markets nothing', () => {
    const { book, fired } = createBook();
    book.add(below);
    for (const price of ['98', '100', '1000']) book.price(market, price);
    book.price('sim.ETH-USD', '1');
    book.price('kraken.BTC-USD', '1');
    expect(fired).toEqual([]);
    book.price(market, '99');
    expect(fired.map(({ firedPrice }) => firedPrice)).toEqual(['99']);
    book.remove(alertKey(below));
    expect(book.alerts).toEqual([]);
  });

  it('[D70] of silence fire when a price was live and is not for two seconds', () => {
    const { book, fired, time } = createBook();
    book.add({ kind: 'stale', ...btc });
    book.state(market, 'stale');
    time.now += 5_000;
    book.state(market, 'stale');
    expect(fired).toEqual([]);
    book.state(market, 'live');
    book.state(market, 'stale');
    time.now += 1_900;
    book.state(market, 'stale');
    book.state(market, 'live');
    book.state(market, 'down');
    expect(fired).toEqual([]);
    time.now += 2_000;
    book.state(market, 'down');
    book.state(market, 'down');
    expect(fired).toHaveLength(1);
  });

  it('[D70] of intervals fire when the price leaves what was forecast for this moment', () => {
    const { book, fired } = createBook();
    book.add({ kind: 'interval', ...btc, horizonSeconds: 60 });
    const outcomes = [true, false, false, true, true] as const;
    for (const [i, isOutside] of outcomes.entries()) book.interval(market, 60, isOutside, String(i + 1));
    book.interval(market, 300, true, '9');
    expect(fired.map(({ firedPrice }) => firedPrice)).toEqual(['4']);
  });

  it('[D71] are the same after a reload, whatever their state', () => {
    const { book } = createBook();
    for (const wish of [above, below, { kind: 'stale', ...btc } as const]) book.add(wish);
    book.add({ kind: 'interval', ...btc, horizonSeconds: 900 });
    for (const price of ['100', '101']) book.price(market, price);
    const saved = JSON.stringify(book.alerts);
    expect(book.alerts.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'ready', 'fired']);
    expect(readAlerts(saved)).toEqual(book.alerts);
  });

  it.each([
    '',
    'nonsense',
    'null',
    '7',
    '{}',
    '[7,null,"x",[]]',
    '[{"kind":"above","venue":"sim","symbol":"BTC-USD","state":"ready"}]',
    '[{"kind":"above","venue":"sim","symbol":"BTC-USD","state":"ready","price":"-1"}]',
    '[{"kind":"stale","venue":"../x","symbol":"BTC-USD","state":"ready"}]',
    '[{"kind":"interval","venue":"sim","symbol":"BTC-USD","state":"ready","horizonSeconds":1e9}]',
    '[{"kind":"crash","venue":"sim","symbol":"BTC-USD","state":"ready"}]',
  ])('[D71] begin anew where storage holds %j', (text) => {
    expect(readAlerts(text)).toEqual([]);
  });

  it('[D71] are bounded, and one that is there already is armed again', () => {
    const { book, fired } = createBook();
    const wishes = Array.from({ length: maxAlerts }, (_, i): AlertWish => ({ ...above, price: String(i + 1) }));
    for (const wish of wishes) expect(book.add(wish)).toBe(true);
    expect(book.add(below)).toBe(false);
    expect(book.add({ ...above, price: '7' })).toBe(true);
    expect(book.alerts).toHaveLength(maxAlerts);
    expect(readAlerts(JSON.stringify([...book.alerts, ...book.alerts]))).toHaveLength(maxAlerts);
    expect(fired).toEqual([]);
  });

  it('[D70] say what they wait for and what happened', () => {
    const text = createNumberText(['en']);
    expect(alertCondition(above, text)).toBe('at or above 100.5');
    expect(alertNews({ ...above, state: 'fired', firedPrice: '101' }, text)).toBe('BTC-USD 101.0: at or above 100.5');
  });
});

describe('a typed price', () => {
  it.each([
    ['61,838.66', 'en', '61838.66'],
    ['61838.66', 'en', '61838.66'],
    ['0.000000012', 'en', '0.000000012'],
    ['61.838,66', 'de', '61838.66'],
    ['61838,66', 'de', '61838.66'],
    ['0.5', 'de', '0.5'],
    ['61 838,66', 'fr', '61838.66'],
    ['1,602,429,000', 'en', '1602429000'],
    ['007', 'en', '7'],
    ['1,23,456.5', 'en-IN', '123456.5'],
    // As the page itself writes it, and with digits of another keyboard.
    ['٦٩٬٠١٥٫٤٠', 'ar-EG', '69015.40'],
    ['۶۸٬۹۹۰٫۳۶', 'fa-IR', '68990.36'],
    ['६८,९८९.३५', 'hi-IN-u-nu-deva', '68989.35'],
    ['৬৯,০১২.৪২', 'bn-BD', '69012.42'],
    ['٦١٠٠٠٫٥', 'en', '61000.5'],
    ['61000.5', 'ar-EG', '61000.5'],
    ['68’980.49', 'de-CH', '68980.49'],
  ])('[D70] %j in %s is %s', (typed, locale, price) => {
    expect(parseTypedPrice(typed, [locale])).toBe(price);
  });

  it.each(['', '0', '-1', '1e5', 'abc', '1.2.3', '1,23,4', '1,23,456', 'Infinity'])('[D70] %j is none', (typed) => {
    expect(parseTypedPrice(typed, ['en'])).toBeUndefined();
  });
});

describe('the judge of intervals', () => {
  const forecast = (rts: number, price: string, low: string, high: string): Forecast =>
    ({
      rts,
      price,
      horizons: [{ seconds: 10, target: rts + 10_000, levels: { 90: [low, high] } }],
    }) as unknown as Forecast;

  it('[D70] compares a price with the interval forecast for its moment', () => {
    const judge = createIntervalJudge(10);
    expect(judge.judge(forecast(1_000, '100', '99', '101'))).toBeUndefined();
    expect(judge.judge(forecast(5_000, '120', '119', '121'))).toBeUndefined();
    expect(judge.judge(forecast(11_000, '100.5', '99', '101'))).toEqual({ isOutside: false });
    expect(judge.judge(forecast(15_000, '100.5', '99', '101'))).toEqual({ isOutside: true });
    // Long after the last target nothing is known.
    expect(judge.judge(forecast(19_000, '100.5', '99', '101'))).toBeUndefined();
  });

  it('[D70] learns from forecasts that were read back, in any order', () => {
    const judge = createIntervalJudge(10);
    judge.learn(forecast(2_000, '100', '90', '110'));
    judge.learn(forecast(1_000, '100', '99', '101'));
    expect(judge.judge(forecast(11_000, '105', '99', '101'))).toEqual({ isOutside: true });
    expect(judge.judge(forecast(12_000, '105', '99', '101'))).toEqual({ isOutside: false });
  });
});
