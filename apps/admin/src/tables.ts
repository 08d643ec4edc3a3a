import type { GatewayState, HeardProducer, OperatorView, ProducerState } from '@tickwire/protocol';
import { formatBytes, formatCount, formatRate, formatTime, shortId } from './format.js';
import { type MergedChannel, mergeChannels } from './merge-channels.js';
import { createTable, type Table } from './table.js';

type Gateway = GatewayState;
type SlowSession = Gateway['slowest'][number] & { readonly gateway: Gateway };
type Feed = ProducerState['feeds'][number] & { readonly producer: HeardProducer };
type Happened = Gateway['events'][number] & { readonly from: string; readonly key: string };

export interface TablesOptions {
  readonly onDrain: (gateway: Gateway) => void;
  readonly onDisconnect: (gateway: Gateway, session: string) => void;
}

export interface Tables {
  readonly elements: readonly HTMLElement[];
  show(view: OperatorView): void;
}

const maxEvents = 200;
const feedKinds = { live: 'good', resync: 'warn', stale: 'warn', down: 'bad' } as const;

export const createTables = ({ onDrain, onDisconnect }: TablesOptions): Tables => {
  let at = 0;
  const now = (): number => at;
  const gateways = gatewaysTable(now, onDrain);
  const channels = channelsTable();
  const sessions = sessionsTable(onDisconnect);
  const producers = producersTable(now);
  const feeds = feedsTable(now);
  const events = eventsTable(now);
  return {
    elements: [gateways, channels, sessions, producers, feeds, events].map(({ element }) => element),
    show(view) {
      at = view.at;
      gateways.show(view.gateways);
      channels.show(mergeChannels(view.gateways));
      sessions.show(slowestOf(view.gateways));
      producers.show(view.producers);
      feeds.show(view.producers.flatMap((producer) => producer.feeds.map((feed) => ({ ...feed, producer }))));
      events.show(eventsOf(view).slice(0, maxEvents));
    },
  };
};

/** The time of the view that is shown: other times are shown relative to it. */
type Now = () => number;

const gatewaysTable = (now: Now, onPress: TablesOptions['onDrain']): Table<Gateway> =>
  createTable({
    title: 'Gateways',
    id: 'gateways',
    empty: 'No gateway reports.',
    keyOf: ({ id }) => id,
    columns: [
      { title: 'Gateway', show: ({ name, id }) => ({ text: name, note: shortId(id) }) },
      {
        title: 'State',
        isLong: true,
        show: ({ reasons }) =>
          reasons.length === 0 ? { text: 'ready', kind: 'good' } : { text: reasons.join('; '), kind: 'bad' },
      },
      { title: 'Connections', isNumber: true, show: ({ connections }) => formatCount(connections) },
      { title: 'Deliveries/s', isNumber: true, show: ({ deliveriesPerSecond: rate }) => formatRate(rate) },
      {
        title: 'Lost',
        isNumber: true,
        show: ({ lost }) => (lost > 0 ? { text: formatCount(lost), kind: 'bad' } : '0'),
      },
      { title: 'Loop lag', isNumber: true, show: ({ loopLagMs }) => `${loopLagMs.toFixed(1)} ms` },
      { title: 'Memory', isNumber: true, show: ({ rssBytes }) => formatBytes(rssBytes) },
      { title: 'Up since', show: ({ startedAt }) => formatTime(startedAt, now()) },
    ],
    button: {
      title: 'Drain',
      name: ({ name }) => `Drain ${name}`,
      isOff: ({ reasons }) => reasons.includes('draining'),
      onPress,
    },
  });

const channelsTable = (): Table<MergedChannel> =>
  createTable({
    title: 'Channels',
    id: 'channels',
    empty: 'No client follows a channel.',
    keyOf: ({ channel }) => channel,
    columns: [
      { title: 'Channel', show: ({ channel }) => channel },
      { title: 'Subscribers', isNumber: true, show: ({ users }) => formatCount(users) },
      { title: 'Publications/s', isNumber: true, show: ({ rate }) => formatRate(rate) },
      {
        title: 'State',
        isLong: true,
        show: ({ staleAt }) =>
          staleAt.length === 0
            ? { text: 'current', kind: 'good' }
            : { text: `stale at ${staleAt.join(', ')}`, kind: 'warn' },
      },
      { title: 'Gateways', isNumber: true, show: ({ gateways: count }) => formatCount(count) },
    ],
  });

const sessionsTable = (onDisconnect: TablesOptions['onDisconnect']): Table<SlowSession> =>
  createTable({
    title: 'Slowest sessions',
    id: 'sessions',
    empty: 'No client is connected.',
    keyOf: ({ id }) => id,
    columns: [
      { title: 'Session', show: ({ id, format }) => ({ text: shortId(id), note: format }) },
      { title: 'Gateway', show: ({ gateway }) => gateway.name },
      {
        title: 'State',
        show: ({ isConflated, isBlocked }) =>
          isConflated
            ? { text: 'behind: newest only', kind: 'bad' }
            : isBlocked
              ? { text: 'accepts nothing now', kind: 'warn' }
              : { text: 'keeps up', kind: 'good' },
      },
      { title: 'Waiting', isNumber: true, show: ({ outboxBytes }) => formatBytes(outboxBytes) },
      { title: 'Streams', isNumber: true, show: ({ streams }) => formatCount(streams) },
      {
        title: 'Follows',
        isLong: true,
        show: ({ follows, streams }) =>
          follows.join(', ') + (streams > follows.length ? ` and ${formatCount(streams - follows.length)} more` : ''),
      },
    ],
    button: {
      title: 'Disconnect',
      name: ({ id, gateway }) => `Disconnect session ${shortId(id)} of ${gateway.name}`,
      isOff: () => false,
      onPress: ({ id, gateway }) => onDisconnect(gateway, id),
    },
  });

const producersTable = (now: Now): Table<HeardProducer> =>
  createTable({
    title: 'Producers',
    id: 'producers',
    empty: 'No producer reports.',
    keyOf: ({ owner, isVerified }) => `${isVerified} ${owner}`,
    columns: [
      { title: 'Producer', show: ({ owner }) => owner },
      {
        title: 'Role',
        show: ({ isLeading }) => (isLeading ? { text: 'leader', kind: 'good' } : 'standby'),
      },
      {
        title: 'Signed',
        show: ({ isVerified }) =>
          isVerified ? { text: 'yes', kind: 'good' } : { text: 'unverified', kind: 'warn', note: 'no ADMIN_TOKEN' },
      },
      {
        title: 'Buffered',
        isNumber: true,
        show: ({ buffered }) => formatCount(buffered),
      },
      { title: 'Published', isNumber: true, show: ({ published }) => formatCount(published) },
      {
        title: 'Lost',
        isNumber: true,
        show: ({ overflowed }) => (overflowed > 0 ? { text: formatCount(overflowed), kind: 'bad' } : '0'),
      },
      { title: 'Reported', show: ({ at }) => formatTime(at, now()) },
    ],
  });

const feedsTable = (now: Now): Table<Feed> =>
  createTable({
    title: 'Feeds',
    id: 'feeds',
    empty: 'No producer reports a feed.',
    keyOf: ({ name, producer }) => `${producer.isVerified} ${producer.owner} ${name}`,
    columns: [
      { title: 'Feed', show: ({ name }) => name },
      { title: 'Producer', isLong: true, show: ({ producer }) => producer.owner },
      {
        title: 'State',
        show: ({ state, live, streams }) => ({
          text: state,
          kind: state === 'live' && live < streams ? 'warn' : feedKinds[state],
        }),
      },
      { title: 'Live streams', isNumber: true, show: ({ live, streams }) => `${live} of ${streams}` },
      { title: 'Since', show: ({ since }) => formatTime(since, now()) },
      {
        title: 'Last trouble',
        isLong: true,
        show: ({ trouble }) =>
          trouble === undefined
            ? 'none'
            : { text: `${trouble.symbol} ${trouble.state}: ${trouble.reason}`, note: formatTime(trouble.at, now()) },
      },
    ],
  });

const eventsTable = (now: Now): Table<Happened> =>
  createTable({
    title: 'Recent events',
    id: 'events',
    empty: 'Nothing happened.',
    keyOf: ({ key }) => key,
    columns: [
      { title: 'Last at', show: ({ until }) => formatTime(until, now()) },
      { title: 'Reported by', isLong: true, show: ({ from }) => from },
      { title: 'Kind', show: ({ kind }) => kind },
      { title: 'What', isLong: true, show: ({ text }) => text },
      { title: 'Times', isNumber: true, show: ({ count }) => formatCount(count) },
    ],
  });

const slowestOf = (gateways: readonly Gateway[]): readonly SlowSession[] =>
  gateways
    .flatMap((gateway) => gateway.slowest.map((session) => ({ ...session, gateway })))
    .sort(
      (a, b) =>
        Number(b.isConflated) - Number(a.isConflated) ||
        Number(b.isBlocked) - Number(a.isBlocked) ||
        b.outboxBytes - a.outboxBytes ||
        (a.id < b.id ? -1 : 1),
    );

/** Newest first. */
const eventsOf = ({ gateways, producers }: OperatorView): readonly Happened[] =>
  [
    ...gateways.map(({ id, name, events }) => ({ by: id, from: name, events })),
    ...producers.map(({ owner, isVerified, events }) => ({
      by: `${isVerified} ${owner}`,
      from: isVerified ? owner : `${owner} (unverified)`,
      events,
    })),
  ]
    .flatMap(({ by, from, events }) =>
      events.map((event) => ({ ...event, from, key: `${by} ${event.at} ${event.kind} ${event.text}` })),
    )
    .sort((a, b) => b.until - a.until || b.at - a.at);
