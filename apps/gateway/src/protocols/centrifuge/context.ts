import { randomUUID } from 'node:crypto';
import { createTurns, type Turns } from '@tickwire/hub';
import { createDeadlines, type Deadlines, inTime } from '../../timing/deadlines.js';
import { createExpiries, type Expiries } from '../../timing/expiries.js';
import { createWheel, type Wheel, type WheelMember } from '../../timing/wheel.js';
import type { GatewayContext } from '../consumer.js';
import { type Authenticate, acceptEverybody } from './authenticate.js';
import { ProtocolViolation } from './close-reasons.js';
import { CommandRefused, errorReplies } from './error-replies.js';
import { createLocalClients, type LocalClients } from './local-clients.js';
import { createLosses, type Losses } from './losses.js';
import { type CountClients, createLocalPresence, type LocalPresence } from './presence.js';

export interface CentrifugeOptions {
  /** @default acceptEverybody */
  readonly authenticate?: Authenticate;
  /** @default one of its own */
  readonly presence?: LocalPresence;
  /** @default one of its own */
  readonly clients?: LocalClients;
  /** Clients may send new tokens before theirs expire. @default false */
  readonly canRefresh?: boolean;
  /** @default one of its own */
  readonly expiries?: Expiries;
  /** @default the clients of this gateway that speak this protocol */
  readonly countClients?: CountClients;
  /** How long a client may take to send its connect. @default 10_000 */
  readonly connectDeadlineMs?: number;
  /** How long an answer may wait for the layer; SDKs give up the connection after 5 s. @default 3_000 */
  readonly answerDeadlineMs?: number;
  /** @default one of its own */
  readonly turns?: Turns;
  /** @default randomUUID */
  readonly newId?: () => string;
}

/** A client that is pinged and must answer. */
export interface Pinged extends WheelMember {
  ping(): void;
  /** Ends the connection if the last ping is not answered yet. */
  checkPong(): void;
}

/** Shared by all connections of a gateway, including those over HTTP. */
export interface CentrifugeContext extends GatewayContext {
  readonly authenticate: Authenticate;
  readonly canRefresh: boolean;
  readonly expiries: Expiries;
  readonly countClients: CountClients;
  readonly presence: LocalPresence;
  readonly clients: LocalClients;
  readonly losses: Losses;
  readonly connects: Deadlines;
  readonly pings: Wheel<Pinged>;
  /** For work on history, in every protocol. */
  readonly turns: Turns;
  /** For a client over HTTP: the id that it sends with its commands. */
  readonly session?: string;
  newId(): string;
  /** Wraps work for an answer, from when the layer is asked. @throws DeadlineExceeded */
  inTime<T>(work: Promise<T>): Promise<T>;
  /**
   * The epoch of a channel's history; undefined if it has none.
   * @throws DeadlineExceeded, or what the history throws.
   */
  currentEpoch(channel: string): Promise<string | undefined>;
  /** @throws ProtocolViolation for an empty name, CommandRefused (102) for a channel that does not exist. */
  requireChannel(name: string): void;
}

export const createCentrifugeContext = (
  gateway: GatewayContext,
  options: CentrifugeOptions = {},
): CentrifugeContext => {
  const { authenticate = acceptEverybody, connectDeadlineMs = 10_000, answerDeadlineMs = 3_000 } = options;
  const { presence = createLocalPresence() } = options;
  const answers = createDeadlines({ afterMs: answerDeadlineMs });
  return {
    ...gateway,
    authenticate,
    canRefresh: options.canRefresh ?? false,
    expiries: options.expiries ?? createExpiries(),
    countClients: options.countClients ?? presence.countClients,
    presence,
    clients: options.clients ?? createLocalClients(),
    losses: createLosses(),
    connects: createDeadlines({ afterMs: connectDeadlineMs }),
    pings: createWheel({
      intervalMs: gateway.config.pingMs,
      visit: (connection) => connection.ping(),
      followUp: (connection) => connection.checkPong(),
    }),
    turns: options.turns ?? createTurns(),
    newId: options.newId ?? randomUUID,
    inTime: (work) => inTime(answers, work),
    async currentEpoch(channel) {
      const position = await gateway.hub.readHistory((read) => inTime(answers, read.position(channel)));
      return position?.epoch;
    },
    requireChannel(name) {
      if (name === '') throw new ProtocolViolation('channel required');
      if (!gateway.catalog.knows(name)) throw new CommandRefused(errorReplies.unknownChannel);
    },
  };
};
