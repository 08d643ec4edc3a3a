export { createEnvelope, type Envelope, parseBody } from './envelope.js';
export { type Fleet, openFleet } from './fleet.js';
export { fleetGroups, isReservedGroup } from './groups.js';
export { createRecentEvents, type RecentEvents } from './recent-events.js';
