import type { ConsumerType } from './protocols/consumer.js';

/** One line of the routing table: the first whose path matches takes the connection. */
export interface Route {
  /** Exact, or a pattern over the whole decoded path. */
  readonly path: string | RegExp;
  readonly consumer: ConsumerType;
}

/** The consumer for a path, as Channels' URLRouter finds it. */
export const findConsumer = (routes: readonly Route[], path: string): ConsumerType | undefined =>
  routes.find((route) => (typeof route.path === 'string' ? route.path === path : route.path.test(path)))?.consumer;
