import { describe, expect, it } from '@jest/globals';
import { Publication, type StreamItem } from '@tickwire/hub';
import { createManualClock } from '@tickwire/protocol/testing';
import { plainJsonFormat } from './plain-json-format.js';
import { createPredictionStreams } from './prediction-streams.js';

const entry = { venue: 'sim', symbol: 'BTC-USD' };
const startMs = Date.UTC(2024, 0, 1);
const format = plainJsonFormat({ isBatch: false, isCompressed: false, showsAge: false });

/** JSON behind the header of a short frame. */
const textOf = (item: StreamItem): string =>
  Buffer.from(item.encode(format, 0))
    .toString()
    .replace(/^[^{]*/, '');

/** A gateway that began at some time of the second, and hears each ticker a while after it was published. */
const createGateway = async (beganMs: number, delayMs: (i: number) => number) => {
  const clock = createManualClock(startMs + beganMs);
  const reported: { readonly at: number; readonly price: number }[] = [];
  let listener: (publication: Publication) => void = () => {};
  const streams = createPredictionStreams(
    {
      tap: async (channel, onPublication) => {
        if (channel.startsWith('ticker.')) listener = onPublication;
        return () => {};
      },
    },
    clock,
  );
  const stream = await streams.open(entry);
  stream.followers.add({
    settle: () => {},
    append: (_, item) => reported.push({ at: clock.wall() - startMs, price: JSON.parse(textOf(item)).price }),
    appendNotice: () => {},
  });
  const hears = (i: number, publishedAt: number): void => {
    const pts = startMs + publishedAt;
    const message = { type: 'price.ticker', ...entry, last: String(i), ts: pts, pts };
    clock.after(publishedAt + delayMs(i) - beganMs, () => listener(new Publication('ticker', undefined, message)));
  };
  return { clock, reported, hears, close: streams.close };
};

describe('the price of each second', () => {
  it('[G1] leaves at the whole second, whenever a gateway began, and is the same at all of them', async () => {
    const gateways = await Promise.all([
      createGateway(10, () => 1),
      createGateway(480, (i) => (i * 7) % 40),
      createGateway(930, (i) => 20 + ((i * 13) % 70)),
    ]);
    for (const { clock, hears } of gateways) {
      for (let i = 0; i < 300; i += 1) hears(i, 1_000 + i * 97);
      clock.advance(25_000);
    }
    const series = gateways.map(({ reported }) => reported.filter(({ at }) => at >= 3_000 && at < 25_000));
    for (const prices of series) {
      expect(prices.map(({ at }) => at)).toEqual(Array.from({ length: prices.length }, (_, i) => 3_000 + i * 1_000));
      expect(prices).toEqual(series[0]);
    }
    expect(series[0]?.length).toBe(22);
    for (const { close, clock } of gateways) {
      const { pending } = clock;
      close();
      expect(clock.pending).toBe(pending - 1);
    }
  });

  it('[G1] goes on once a second though the wall clock is stepped, and though the producer has another', async () => {
    for (const stepMs of [-7_200_000, -300, 300, 7_200_000]) {
      const { clock, reported, hears, close } = await createGateway(0, () => 5);
      for (let i = 0; i < 200; i += 1) hears(i, 100 + i * 100);
      clock.advance(10_050);
      clock.stepWall(stepMs);
      const before = reported.length;
      clock.advance(10_000);
      expect(Math.abs(reported.length - before - 10)).toBeLessThanOrEqual(1);
      expect(reported.at(-1)?.price).toBeGreaterThan(180);
      close();
    }
  });
});
