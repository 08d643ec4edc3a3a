import { describe, expect, test } from '@jest/globals';
import { createFormerEpochs } from './former-epochs.js';

describe('epochs that a channel has left', () => {
  test('[B56] [B105] the last eight are known, each with the position delivered last', () => {
    const epochs = createFormerEpochs();
    for (let n = 1; n <= 9; n += 1) epochs.leave({ epoch: `e${n}`, seq: n * 10 }, undefined);
    expect(epochs.has('e1')).toBe(false);
    expect(epochs.seqIn('e1')).toBe(0);
    for (let n = 2; n <= 9; n += 1) expect([n, epochs.seqIn(`e${n}`)]).toEqual([n, n * 10]);
  });

  test('[B105] an epoch that is left once more is the newest again', () => {
    const epochs = createFormerEpochs();
    for (let n = 1; n <= 8; n += 1) epochs.leave({ epoch: `e${n}`, seq: n }, undefined);
    epochs.leave({ epoch: 'e1', seq: 5 }, undefined);
    epochs.leave({ epoch: 'e9', seq: 9 }, undefined);
    expect([epochs.seqIn('e1'), epochs.has('e2')]).toEqual([5, false]);
  });

  test('[B105] a position that was only believed leaves the one before it', () => {
    const epochs = createFormerEpochs();
    epochs.leave({ epoch: 'e1', seq: 7 }, undefined);
    epochs.leave({ epoch: 'e1', seq: 900 }, { epoch: 'e2', seq: 3 });
    expect(epochs.seqIn('e1')).toBe(7);
    epochs.leave({ epoch: 'e1', seq: 900 }, { epoch: 'e1', seq: 8 });
    expect(epochs.seqIn('e1')).toBe(8);
  });
});
