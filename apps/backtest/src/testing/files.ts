/** Gaussian returns from a linear congruential generator: the same everywhere for a seed. */
export const prices = (count: number, seed: number, sigma = 3e-4): number[] => {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 4_294_967_296;
  };
  let price = 30_000;
  return Array.from({ length: count }, () => {
    const rounded = Math.round(price * 100) / 100;
    price *= Math.exp(sigma * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()));
    return rounded;
  });
};

export const startMs = 1_700_000_040_000;

export const barCsv = (closes: readonly number[]): string =>
  [
    'open_ms,open,high,low,close,volume',
    ...closes.map((close, i) => `${startMs + i * 60_000},1,1,1,${close},3`),
    '',
  ].join('\n');

/** One trade in each second, or other step, half a second after its beginning. */
export const tradeCsv = (all: readonly number[], stepMs = 1000): string =>
  [
    'recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side',
    ...all.map((price, i) => `${startMs + i * stepMs + 500}000000,,${startMs + i * stepMs},${i},${price},0.5,buy`),
    '',
  ].join('\n');
