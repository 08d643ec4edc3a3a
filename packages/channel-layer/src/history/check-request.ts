import { InvalidHistoryRequest } from '../errors.js';
import type { GroupBatch, GroupPublishOptions } from '../history.js';
import type { Message } from '../layer.js';
import { assertGroupName } from '../names.js';

/**
 * Rejects messages that a store would accept but a reader could not use: live readers see the position inside a
 * message, so it must be stored under the same one.
 * @throws InvalidHistoryRequest, InvalidName
 */
export const checkAppend = (batches: readonly GroupBatch[], fence: number): void => {
  if (!Number.isSafeInteger(fence) || fence < 0) throw new InvalidHistoryRequest(`fence ${fence} is not a token`);
  for (const { group, epoch, firstSeq, messages } of batches) {
    assertGroupName(group);
    if (typeof epoch !== 'string' || epoch === '') throw new InvalidHistoryRequest(`${group}: the epoch is empty`);
    if (!Number.isSafeInteger(firstSeq) || firstSeq < 1 || !Number.isSafeInteger(firstSeq + messages.length)) {
      throw new InvalidHistoryRequest(`${group}: firstSeq ${firstSeq} is not a positive integer`);
    }
    let seq = firstSeq;
    for (const message of messages) {
      if (message['seq'] !== seq || message['epoch'] !== epoch) {
        const carried = `${String(message['epoch'])}/${String(message['seq'])}`;
        throw new InvalidHistoryRequest(`${group}: the message at ${epoch}/${seq} says it is at ${carried}`);
      }
      seq += 1;
    }
  }
};

/** @throws InvalidHistoryRequest, InvalidName */
export const checkPublish = (group: string, message: Message, options: GroupPublishOptions): void => {
  assertGroupName(group);
  const { historySize, historyTtlMs, once, fence = 'new' } = options;
  const counts = {
    historySize,
    historyTtlMs,
    ...(once && { rememberedMs: once.rememberedMs }),
    ...(fence !== 'new' && { fence }),
  };
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new InvalidHistoryRequest(`${name} must be a positive integer, not ${value}`);
    }
  }
  const claimed = ['seq', 'epoch'].find((field) => Object.hasOwn(message, field));
  if (claimed !== undefined) throw new InvalidHistoryRequest(`${group}: the message brings a ${claimed} of its own`);
};

/** @throws InvalidHistoryRequest, InvalidName */
export const checkRead = (groups: readonly string[], counts: Readonly<Record<string, number>>): void => {
  for (const group of groups) assertGroupName(group);
  for (const [name, value] of Object.entries(counts)) checkCount(name, value);
};

const checkCount = (name: string, value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidHistoryRequest(`${name} must be 0 or a positive integer, not ${value}`);
  }
};
