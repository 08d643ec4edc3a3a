import { cFloorPeer } from './c-floor.js';
import { djangoChannelsPeer } from './django-channels.js';
import { bareNetPeer, naiveWsPeer, socketIoPeer } from './node-servers.js';
import type { Peer } from './peer.js';
import { rivals } from './rivals.js';
import { tickwirePeer } from './tickwire.js';

/** The product and everybody it is compared with. */
export const allPeers = (): readonly Peer[] => [
  tickwirePeer(),
  cFloorPeer(),
  bareNetPeer(),
  naiveWsPeer(),
  socketIoPeer(),
  djangoChannelsPeer(),
  ...rivals(),
];

/** What each can be expected to deliver a second, over all clients: where to begin to look for what it can. */
export const expectedPerSecond: Readonly<Record<string, number>> = {
  tickwire: 2_500_000,
  'C floor': 120_000,
  'C coalescing': 2_500_000,
  'bare net': 90_000,
  'naive ws': 70_000,
  'Socket.IO': 50_000,
  'Django Channels': 8_000,
  Centrifugo: 250_000,
  Bun: 2_000_000,
  Rust: 2_500_000,
};
