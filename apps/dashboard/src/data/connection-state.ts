import type { Problem } from '../model/problem.js';

/** Life of the connection to a gateway, each state with what is known in it. */
export type ConnectionState =
  | { readonly name: 'connecting'; readonly reason: string }
  | { readonly name: 'live'; readonly gateway: string }
  /** It was live and will be again; the SDK tries with growing pauses. */
  | { readonly name: 'reconnecting'; readonly reason: string; readonly since: number }
  /** Ended for good, until the viewer asks again. */
  | { readonly name: 'refused'; readonly problem: Problem };
