import { channelKinds, channelName } from '@tickwire/protocol';
import type { GatewayUrls } from './deployment.js';
import type { ClientPlan } from './messages.js';
import type { Random } from './random.js';

export interface ClientPlansOptions {
  readonly count: number;
  readonly symbols: readonly string[];
  readonly random: Random;
  readonly urls: GatewayUrls;
}

/** The first follows everything, the others what they draw: trades of some symbols at least, so that silence is noticed. */
export const drawClientPlans = ({ count, symbols, random, urls }: ClientPlansOptions): ClientPlan[] =>
  Array.from({ length: count }, (_, index) => {
    const isFirst = index === 0;
    const followed = isFirst ? symbols : drawSome(symbols, random.pick([1, 1, 1, 2, 2, symbols.length]), random);
    const channels = followed.flatMap((symbol) =>
      channelKinds
        .filter((kind) => isFirst || kind === 'trade' || random.next() < 0.4)
        .map((kind) => channelName(kind, 'sim', symbol)),
    );
    return {
      name: `client-${index}`,
      channels,
      isBatch: random.next() < 0.1,
      urls: random.pick([urls.straight, urls.linked, urls.balanced.length > 0 ? urls.balanced : urls.straight]),
    };
  });

const drawSome = <T>(items: readonly T[], count: number, random: Random): T[] => {
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const [drawn] = left.splice(random.whole(0, left.length - 1), 1);
    return drawn as T;
  });
};
