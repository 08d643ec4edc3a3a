import { LayerUnavailable } from '../errors.js';
import type { RedisConnection } from '../redis/connection.js';
import type { ClusterNode } from './cluster-node.js';
import type { ClusterNodes } from './cluster-nodes.js';
import { maxRedirections, type NodeLabel, redirectionOf } from './cluster-slots.js';

/** Sends commands to the masters of their slots, and again if a node answers that it is the wrong one. */
export interface ClusterLanes {
  /**
   * The commands of a slot are carried out in the order of the calls, even when the slot moves in between. Only a
   * command that a node rejected is sent again.
   * @throws LayerUnavailable; an error reply that is not a redirection, unchanged.
   */
  run<T>(slot: number, send: Send<T>, over?: 'publisher' | 'reader'): Promise<T>;
}

type Send<T> = (connection: RedisConnection) => Promise<T>;

interface Command {
  readonly order: number;
  readonly send: () => void;
  readonly reject: (error: Error) => void;
  redirections: number;
}

/** The commands of one slot that are in progress. */
interface Lane {
  inFlight: number;
  /** Commands that went to a former owner, or came after the slot was known to move. */
  readonly waiting: Command[];
  movedTo: NodeLabel | undefined;
}

export const createClusterLanes = (
  nodes: Pick<ClusterNodes, 'ownerOf' | 'reach' | 'follow'>,
  maxWaiting: number,
): ClusterLanes => {
  const lanes = new Map<number, Lane>();
  let calls = 0;

  /** Resolves with the reply; ASK applies to this command only and needs ASKING right before it. */
  const carryOut = async <T>(node: ClusterNode, send: Send<T>, over: 'publisher' | 'reader'): Promise<T> => {
    try {
      return await send(node[over]());
    } catch (error) {
      const redirection = redirectionOf(error, node.host);
      if (redirection?.kind !== 'ASK') throw error;
      const target = (await nodes.reach(redirection.target))[over]();
      const [, reply] = await Promise.all([target.call('ASKING', []), send(target)]);
      return reply;
    }
  };

  /** When no command of the slot is in progress, the waiting ones go to its new owner. */
  const goOn = async (slot: number, lane: Lane): Promise<void> => {
    if (lane.inFlight > 0) return;
    if (lane.movedTo === undefined) {
      lanes.delete(slot);
      return;
    }
    try {
      await nodes.follow(slot, lane.movedTo);
    } catch {
      // Each command finds the current owner of the slot itself.
    }
    lane.movedTo = undefined;
    const waiting = lane.waiting.splice(0).sort((one, other) => one.order - other.order);
    for (const command of waiting) command.send();
  };

  return {
    run: <T>(slot: number, send: Send<T>, over: 'publisher' | 'reader' = 'publisher') =>
      new Promise<T>((resolve, reject) => {
        const lane = lanes.get(slot) ?? { inFlight: 0, waiting: [], movedTo: undefined };
        lanes.set(slot, lane);
        calls += 1;

        const attempt = async (): Promise<void> => {
          lane.inFlight += 1;
          let node: ClusterNode | undefined;
          try {
            node = nodes.ownerOf(slot);
            resolve(await carryOut(node, send, over));
          } catch (error) {
            const redirection = node === undefined ? undefined : redirectionOf(error, node.host);
            if (redirection === undefined) reject(error);
            else if (command.redirections >= maxRedirections) command.reject(error as Error);
            else {
              command.redirections += 1;
              lane.movedTo = redirection.target;
              lane.waiting.push(command);
            }
          }
          lane.inFlight -= 1;
          await goOn(slot, lane);
        };

        const command: Command = {
          order: calls,
          redirections: 0,
          send: () => void attempt(),
          reject: (error) =>
            reject(
              new LayerUnavailable(`the cluster does not agree on slot ${slot}: ${error.message}`, { cause: error }),
            ),
        };
        if (lane.movedTo === undefined) command.send();
        else if (lane.waiting.length < maxWaiting) lane.waiting.push(command);
        else reject(new LayerUnavailable(`${maxWaiting} commands are waiting for slot ${slot}, which is moving`));
      }),
  };
};
