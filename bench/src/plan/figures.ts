/** A figure that the plan rests on. */
export interface MeasuredFigure {
  readonly value: number;
  readonly unit: string;
  readonly what: string;
  /** Which measurement says so, or that none does. */
  readonly source: string;
}

const november = 'bench/results/summary.md, 2026-11-22, Node 20, loopback';
const ingest = 'commit fd9b2f8, decode and JSON alone';
const redis = 'commit fd9b2f8, one subscriber, batches of 20';

/** All constants of the plan. Measure anew and change them here; docs/operations.md repeats the sizes they lead to. */
export const figures = {
  writeUs: {
    value: 11.2,
    unit: 'us',
    what: 'CPU of a gateway for one write to one client',
    source: `per-write, 1 tick a write: ${november}`,
  },
  tickUs: {
    value: 0.045,
    unit: 'us',
    what: 'and for each tick in it',
    source: `per-write, 64 ticks a write (14.1 us) beside 1: ${november}`,
  },
  ownWatchlist: {
    value: 1.3,
    unit: 'x',
    what: 'writes where each client follows channels of its own',
    source: 'commit fd9b2f8, 1000 clients, own 5 of 20 channels; renew with `npm run bench -- watchlists`',
  },
  ingestUs: {
    value: 15.5,
    unit: 'us',
    what: 'CPU of a gateway to take in a publication of 20 fields',
    source: ingest,
  },
  appendUs: {
    value: 15.1,
    unit: 'us',
    what: 'CPU of Redis to keep and publish one',
    source: redis,
  },
  subscriberUs: {
    value: 3,
    unit: 'us',
    what: 'CPU of Redis for each gateway process that follows it, at most',
    source: `a PUBLISH as a whole: ${redis}`,
  },
  sessionBytes: {
    value: 16 * 1_024,
    unit: 'B',
    what: 'memory of a client with twenty channels, without socket buffers',
    source: `idle-memory: ${november}`,
  },
  clientsPerCore: {
    value: 20_000,
    unit: '',
    what: 'clients a gateway process has been measured with at most',
    source: `growth and fan-out (10,000), writes at 4 ticks/s (20,000): ${november}`,
  },
  comeInPerSecond: {
    value: 2_000,
    unit: '/s',
    what: 'clients a core lets in while it broadcasts',
    source: `connect-storm: ${november}`,
  },
  fullShare: {
    value: 0.6,
    unit: '',
    what: 'of a core that is planned to be busy',
    source: 'chosen: room for bursts, and for the clients of one that goes',
  },
  packetBytes: {
    value: 66,
    unit: 'B',
    what: 'Ethernet, IP and TCP around a packet of at most 1,448',
    source: 'RFC 894, 791, 9293 (with timestamps)',
  },
} as const satisfies Readonly<Record<string, MeasuredFigure>>;
