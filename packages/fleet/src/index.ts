export { createEnvelope, type Envelope, parseBody } from './envelope.js';
export { type Fleet, fleetGroups, isReservedGroup, openFleet } from './fleet.js';
export { createRecentEvents, type RecentEvents } from './recent-events.js';
