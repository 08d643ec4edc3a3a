import { figures } from './figures.js';

export interface PlanRequest {
  readonly clients: number;
  /** All that are published. */
  readonly channels: number;
  /** How many of those channels a client follows. */
  readonly followed: number;
  /** Publications a second of one channel. */
  readonly rate: number;
  /** Size of one publication as JSON. */
  readonly bytes: number;
  /** `MIN_PASS_MS`; 0 writes each tick when it comes. */
  readonly passMs: number;
  /** Cores of one gateway. It has one worker fewer: one core is left to the kernel and everybody else. */
  readonly cores: number;
}

/** What it takes. */
export interface Plan {
  readonly deliveriesPerSecond: number;
  readonly writesPerSecond: number;
  /** Busy cores, before anything is rounded or left free. */
  readonly busyCores: number;
  /** Gateway processes, each on a core of its own. */
  readonly workers: number;
  /** With one to spare. */
  readonly gateways: number;
  readonly clientsPerGateway: number;
  readonly memoryGibPerGateway: number;
  /** Until the clients of a gateway that went are in again at the others. */
  readonly comeBackSeconds: number;
  /** Redis masters, each on a core of its own. */
  readonly redisShards: number;
  readonly redisBusyCores: number;
  /** One channel alone is more than a master carries: more masters do not help. */
  readonly isChannelTooMuch: boolean;
  readonly gbitPerSecond: number;
  readonly gbitPerSecondPerGateway: number;
  /** From Redis to the gateways. */
  readonly redisGbitPerSecond: number;
}

const gibibyte = 2 ** 30;
const giga = 1e9;
const packetPayload = 1_448;
const bitsPerByte = 8;
/** RFC 6455, 5.2: two bytes before a short message, four before one of 126 bytes or more. */
const frameHeader = (bytes: number): number => (bytes < 126 ? 2 : 4);

/** Sizes from figures measured on one core: see docs/operations.md for the formula in words. */
export const planFor = (request: PlanRequest): Plan => {
  const { clients, channels, followed, rate, bytes, passMs, cores } = request;
  const ticksPerClient = followed * rate;
  const writesPerClient = passMs === 0 ? ticksPerClient : Math.min(ticksPerClient, 1_000 / passMs);
  const isOwn = followed < channels;
  const writeUs = figures.writeUs.value * (isOwn ? figures.ownWatchlist.value : 1);
  const clientUs = writesPerClient * writeUs + ticksPerClient * figures.tickUs.value;
  const published = channels * rate;
  const workerShare = figures.fullShare.value - (published * figures.ingestUs.value) / 1e6;
  if (workerShare <= 0) throw new RangeError(`a core is full with taking in ${published} publications a second`);
  const workersFor = (busy: number): number =>
    Math.max(Math.ceil(busy / workerShare), Math.ceil(clients / figures.clientsPerCore.value), 1);

  const sending = (clients * clientUs) / 1e6;
  const workersPerGateway = Math.max(1, cores - 1);
  const needed = workersFor(sending);
  const gateways = Math.ceil(needed / workersPerGateway) + 1;
  // A gateway to spare is there and follows as well.
  const workers = gateways * Math.min(workersPerGateway, needed);

  const publicationUs = figures.appendUs.value + workers * figures.subscriberUs.value;
  const redisBusyCores = (published * publicationUs) / 1e6;

  const deliveriesPerSecond = clients * ticksPerClient;
  const writesPerSecond = clients * writesPerClient;
  const payload = bytes + frameHeader(bytes);
  const perWrite = (payload * ticksPerClient) / writesPerClient;
  const packets = Math.ceil(perWrite / packetPayload);
  const wireBytes = deliveriesPerSecond * payload + writesPerSecond * packets * figures.packetBytes.value;
  const gbitPerSecond = (wireBytes * bitsPerByte) / giga;
  const clientsPerGateway = Math.ceil(clients / (gateways - 1));
  return {
    deliveriesPerSecond,
    writesPerSecond,
    workers,
    gateways,
    clientsPerGateway,
    busyCores: sending + (workers * published * figures.ingestUs.value) / 1e6,
    memoryGibPerGateway: (clientsPerGateway * figures.sessionBytes.value) / gibibyte,
    comeBackSeconds: clientsPerGateway / (figures.comeInPerSecond.value * workers * ((gateways - 1) / gateways)),
    isChannelTooMuch: rate * publicationUs > figures.fullShare.value * 1e6,
    redisShards: Math.max(1, Math.ceil(redisBusyCores / figures.fullShare.value)),
    redisBusyCores,
    gbitPerSecond,
    gbitPerSecondPerGateway: gbitPerSecond / (gateways - 1),
    redisGbitPerSecond: (published * bytes * workers * bitsPerByte) / giga,
  };
};
