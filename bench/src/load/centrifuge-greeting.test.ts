import { describe, expect, test } from '@jest/globals';
import { answerCentrifuge } from './centrifuge-greeting.js';

const greeting = { kind: 'centrifuge', path: '/', channels: [] } as const;

describe('answerCentrifuge', () => {
  test('[BN44] looks for the end of a line within the frame, not in the whole read buffer', () => {
    const buffer = Buffer.from('xx{"push":1}\n{"push":2}yy\n');
    Object.defineProperty(buffer, 'indexOf', {
      value: () => {
        throw new Error('the whole buffer was searched');
      },
    });
    const lines: string[] = [];
    const end = buffer.length - 3;
    answerCentrifuge(buffer, 2, end, greeting, (from, to) => lines.push(buffer.toString('latin1', from, to)));
    expect(lines).toEqual(['{"push":1}', '{"push":2}']);
  });

  test('[BN41] finds a refusal among other messages', () => {
    const buffer = Buffer.from('{}\n{"id":3,"error":{"code":100}}');
    const { frames, refusal } = answerCentrifuge(buffer, 0, buffer.length, greeting, () => {});
    expect(frames).toHaveLength(1);
    expect(refusal).toBe('{"id":3,"error":{"code":100}}');
  });
});
