import { expect } from '@jest/globals';
import type { TwoGateways } from './two-gateways.js';
import { waitFor } from './wait-for.js';

/** A publication as a client received it. */
export interface Seen {
  readonly channel?: string;
  readonly offset: number;
  readonly data: unknown;
}

/** A client that is connected and follows the channel. It keeps everything it receives, in order. */
export interface FollowingClient extends AsyncDisposable {
  seen(): readonly Seen[] | Promise<readonly Seen[]>;
  /** For each subscription, whether it recovered, if the client reports that. */
  recovered?(): readonly unknown[];
}

const missed = 40;
const more = 20;

export const recoveryChecked =
  'connects, subscribes, publications equal what was published; gateway killed, back by itself on another, every missed one recovered, once, in order';

/**
 * The clients receive publications, lose their gateway and reconnect to another by themselves. Each then has everything,
 * including what was published while it was disconnected.
 */
export const proveRecovery = async (
  gateways: TwoGateways,
  channel: string,
  ...clients: readonly FollowingClient[]
): Promise<void> => {
  const hasSeen = (
    client: FollowingClient,
    what: string,
    isEnough: (seen: readonly Seen[]) => boolean,
  ): Promise<readonly Seen[]> =>
    waitFor(
      what,
      async () => {
        const seen = await client.seen();
        return isEnough(seen) && seen;
      },
      30_000,
    );
  for (const client of clients) await hasSeen(client, 'publications', (seen) => seen.length >= more);
  await gateways.failOver({ channel, missed });
  const top = await gateways.published.top(channel);
  for (const client of clients) {
    const seen = [
      ...(await hasSeen(client, 'those that were missed and more', (all) => Number(all.at(-1)?.offset) >= top + more)),
    ];
    await expectAll(gateways, channel, seen);
    if (client.recovered !== undefined) expect(client.recovered()).toEqual([false, true]);
  }
};

/** Expects everything from the first publication on, once, in order, as it is in history. */
export const expectAll = async ({ published }: TwoGateways, channel: string, seen: readonly Seen[]): Promise<void> => {
  const first = seen[0]?.offset ?? 0;
  expect(seen.map(({ offset }) => offset)).toEqual(seen.map((_, index) => first + index));
  const messages = await published.range(channel, first, first + seen.length - 1);
  expect(seen.map(({ data }) => data)).toEqual(messages);
};
