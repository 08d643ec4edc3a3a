import type { Bar, Published } from '@tickwire/protocol';

/** Bars of a channel right before one of them, oldest first; none if history does not reach further back. */
export type ReadOlderBars = (channel: string, before: Pick<Published, 'epoch' | 'seq'>) => Promise<readonly PastBar[]>;

/** A bar of history has its position. */
export type PastBar = Bar & Pick<Published, 'epoch' | 'seq'>;

/** A bar has 300 to 450 bytes: a page stays below 60 kB, compressed or not. */
export const pageBars = 130;

/** A read that takes longer has failed: the chart says so, and offers to try again. */
const deadlineMs = 10_000;

interface Page {
  readonly recovered: boolean;
  readonly messages: readonly PastBar[];
}

/**
 * Reads over REST: the past is large, and must not delay the prices of now on the socket.
 * @throws Error if it cannot be read, or if history no longer belongs to the bars on the page.
 */
export const createReadOlderBars =
  (fetch: typeof globalThis.fetch, token: string | undefined): ReadOlderBars =>
  async (channel, { epoch, seq }) => {
    const query = new URLSearchParams({ channel, before: `${epoch}:${seq}`, limit: String(pageBars) });
    const access = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const headers = { Accept: 'application/json', ...access };
    const response = await fetch(`api/history?${query}`, { headers, signal: AbortSignal.timeout(deadlineMs) });
    if (!response.ok) throw new Error(`history answered ${response.status}`);
    const { recovered, messages } = (await response.json()) as Page;
    if (!recovered) throw new Error('history began again');
    return messages;
  };
