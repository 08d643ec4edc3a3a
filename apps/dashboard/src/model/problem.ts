/** Something that went wrong, for people. */
export interface Problem {
  readonly title: string;
  /** What it means and what to do. */
  readonly text: string;
  /** Whether trying again at once makes sense. */
  readonly mayRetry: boolean;
}

const badToken: Problem = {
  title: 'Your access has ended or was refused',
  text: 'This server wants a token in the page’s address, and there was none or it is not valid now. Ask whoever runs it for a link.',
  mayRetry: true,
};
const serverFull: Problem = {
  title: 'The server is full right now',
  text: 'It takes no more viewers for the moment. This page keeps trying and will start by itself.',
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
    title: 'You may not see these prices',
    text: 'Your access does not cover them. Ask whoever runs this server.',
    mayRetry: false,
  },
  106: serverFull,
  109: badToken,
  110: badToken,
  111: serverFull,
  3013: serverFull,
  3500: badToken,
  3501: misunderstood,
  3503: { title: 'The server ended this session', text: 'You can come back when you like.', mayRetry: true },
  3505: {
    title: 'Too many symbols for one page',
    text: 'The server allows fewer channels than there are symbols here. Whoever runs it can raise MAX_CHANNELS.',
    mayRetry: false,
  },
  3506: serverFull,
  3507: badToken,
};

/** What a close or an error code of the server means. */
export const problemOf = (code: number): Problem =>
  byCode[code] ?? {
    title: 'The server closed the connection for good',
    text: `It gave the code ${code} and does not expect this page back. Reloading may help.`,
    mayRetry: true,
  };

/** Why a connection that is being tried again is not there yet. */
export const delayText = (code: number, isOnline: boolean): string => {
  if (!isOnline) return 'This device is offline';
  if (byCode[code] === serverFull) return 'The server is full, trying again';
  if (code === 3001 || code === 1001 || code === 1012) return 'The gateway is restarting';
  return 'Reconnecting';
};

export const unknownSymbol = (symbol: string, venue: string): Problem => ({
  title: `There is no ${symbol} here`,
  text: `This server has no such symbol at ${venue}. Choose one from the list of markets.`,
  mayRetry: false,
});

export const unreadableAddress = (address: string): Problem => ({
  title: 'This address leads nowhere',
  text: `“${address}” names no market. An address looks like #/sim/BTC-USD. Choose a market from the list.`,
  mayRetry: false,
});
