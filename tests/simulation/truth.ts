import type { Message } from '@tickwire/channel-layer';
import type { VirtualTime } from './virtual-time.js';

/** Everything that was ever published, and every rule that was broken. */
export interface Truth {
  readonly violations: readonly string[];
  readonly published: number;
  /** Epochs that began because something was lost. */
  readonly losses: number;
  violate(what: string): void;
  /** A message is in history, written with this fence. */
  appended(group: string, message: Message, fence: number): void;
  /** Redis lost something of a group, or of all: what follows may be written with an older fence. */
  damaged(group: string | undefined): void;
  /** Messages of all groups may go before they are published, and history may be short. */
  expectLosses(): void;
  /** Whether a client may be notified of a loss on this channel. */
  isDamaged(group: string): boolean;
  /** The trades published at a position: more than one where Redis lost the first. */
  idsAt(group: string, epoch: string, seq: number): readonly string[];
}

interface GroupTruth {
  /** The highest since Redis last lost something. */
  fence: number;
  epoch: string | undefined;
  isDamaged: boolean;
  /** By epoch and `seq`. */
  readonly ids: Map<string, (string[] | undefined)[]>;
}

const maxViolations = 20;

export const createTruth = (time: Pick<VirtualTime, 'now'>): Truth => {
  const groups = new Map<string, GroupTruth>();
  const violations: string[] = [];
  let isAllDamaged = false;
  let areLossesExpected = false;

  const truthOf = (group: string): GroupTruth => {
    const known = groups.get(group);
    if (known !== undefined) return known;
    const truth: GroupTruth = { fence: 0, epoch: undefined, isDamaged: false, ids: new Map() };
    groups.set(group, truth);
    return truth;
  };

  const violate = (what: string): void => {
    if (violations.length < maxViolations) violations.push(`at ${time.now().toFixed(1)} ms: ${what}`);
  };

  const all: Truth & { published: number; losses: number } = {
    violations,
    published: 0,
    losses: 0,
    violate,
    appended(group, message, fence) {
      const truth = truthOf(group);
      all.published += 1;
      const [epoch, seq, id] = [String(message['epoch']), Number(message['seq']), String(message['id'])];
      if (fence < truth.fence) violate(`${group}: a writer with fence ${fence} behind one with ${truth.fence}`);
      truth.fence = Math.max(truth.fence, fence);
      if (truth.epoch !== undefined && truth.epoch !== epoch) {
        all.losses += 1;
        if (!truth.isDamaged && !isAllDamaged) violate(`${group}: epoch ${epoch} begins although nothing was lost`);
      }
      truth.epoch = epoch;
      const written = truth.ids.get(epoch) ?? [];
      truth.ids.set(epoch, written);
      const before = written[seq - 1];
      if (before !== undefined && !areLossesExpected && Number(before.at(-1)) + 1 !== Number(id)) {
        violate(`${group}: trade ${before.join()}, then trade ${id} at ${epoch}/${seq}`);
      }
      const ids = written[seq];
      if (ids === undefined) written[seq] = [id];
      else if (!truth.isDamaged && !isAllDamaged)
        violate(`${group}: ${epoch}/${seq} was written twice: ${ids.join()}, ${id}`);
      else if (ids.at(-1) !== id) ids.push(id);
    },
    damaged(group) {
      if (group !== undefined) {
        truthOf(group).isDamaged = true;
        truthOf(group).fence = 0;
        return;
      }
      isAllDamaged = true;
      for (const truth of groups.values()) truth.fence = 0;
    },
    expectLosses() {
      isAllDamaged = true;
      areLossesExpected = true;
    },
    isDamaged: (group) => isAllDamaged || groups.get(group)?.isDamaged === true,
    idsAt: (group, epoch, seq) => groups.get(group)?.ids.get(epoch)?.[seq] ?? [],
  };
  return all;
};
