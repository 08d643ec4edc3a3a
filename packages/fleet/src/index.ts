export { createEnvelope, type Envelope } from './envelope.js';
export { type Fleet, openFleet } from './fleet.js';
export { fleetGroups, isReservedGroup } from './groups.js';
export { parseBody } from './parse-body.js';
export { createRecentEvents, type RecentEvents } from './recent-events.js';
