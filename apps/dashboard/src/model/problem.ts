/** A failure, explained to people. */
export interface Problem {
  readonly title: string;
  /** What it means and what to do. */
  readonly text: string;
  /** Whether trying again at once makes sense. */
  readonly mayRetry: boolean;
}

const badToken: Problem = {
  title: 'Your access has expired or was rejected',
  text: 'This server requires a token in the page’s address. The token is missing or no longer valid. Ask the operator for a link.',
  mayRetry: true,
};
const serverFull: Problem = {
  title: 'The server is full right now',
  text: 'It accepts no more viewers now. This page retries and will start by itself.',
  mayRetry: true,
};

const misunderstood: Problem = {
  title: 'This page and the server do not understand each other',
  text: 'One of them is older than the other. Reloading the page usually helps.',
  mayRetry: true,
};

/** Those below 100 are the SDK's own. */
const byCode: Readonly<Record<number, Problem>> = {
  1: badToken,
  2: misunderstood,
  3: misunderstood,
  101: badToken,
  103: {
    title: 'You have no access to these prices',
    text: 'Your token does not allow them. Ask the operator of this server.',
    mayRetry: false,
  },
  106: serverFull,
  109: badToken,
  110: badToken,
  111: serverFull,
  3013: serverFull,
  3500: badToken,
  3501: misunderstood,
  3503: { title: 'The server ended this session', text: 'You can reconnect at any time.', mayRetry: true },
  3505: {
    title: 'Too many symbols for one page',
    text: 'This page needs more channels than the server allows. The operator can raise MAX_CHANNELS.',
    mayRetry: false,
  },
  3506: serverFull,
  3507: badToken,
};

/** The meaning of a close or error code of the server. */
export const problemOf = (code: number): Problem =>
  byCode[code] ?? {
    title: 'The server closed the connection for good',
    text: `Close code ${code}. Reload to try again.`,
    mayRetry: true,
  };

/** Why the page has not reconnected yet. */
export const delayText = (code: number, isOnline: boolean): string => {
  if (!isOnline) return 'This device is offline';
  if (byCode[code] === serverFull) return 'The server is full, trying again';
  if (code === 3001 || code === 1001 || code === 1012) return 'The gateway is restarting';
  return 'Reconnecting';
};

export const unknownSymbol = (symbol: string, venue: string): Problem => ({
  title: `There is no ${symbol} here`,
  text: `This server does not have it at ${venue}. Choose one from the list of markets.`,
  mayRetry: false,
});

export const unreadableAddress = (address: string): Problem => ({
  title: 'Unknown address',
  text: `“${address}” is not a market. An address looks like #/sim/BTC-USD. Choose a market from the list.`,
  mayRetry: false,
});
