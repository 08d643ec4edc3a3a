export { createEnvelope, type Envelope, parseBody } from './envelope.js';
export { type Fleet, fleetGroups, openFleet } from './fleet.js';
export { createRecentEvents, type RecentEvents } from './recent-events.js';
