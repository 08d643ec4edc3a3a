import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { createAnnouncer } from './announcer.js';

/** Everything that stood in the region, in order. */
const start = () => {
  const clock = createManualClock();
  const spoken: string[] = [];
  const region = {
    get textContent() {
      return spoken.at(-1) ?? '';
    },
    set textContent(text: string) {
      spoken.push(text);
    },
  };
  return { clock, spoken, announcer: createAnnouncer(region as HTMLElement, clock.after) };
};

describe('what is announced', () => {
  it('[D320] of several sentences about one thing that follow each other closely only the last is spoken', () => {
    const { clock, spoken, announcer } = start();
    announcer.say('Reconnecting', 'connection');
    clock.advance(300);
    announcer.say('The gateway is restarting', 'connection');
    clock.advance(600);
    expect(spoken).toEqual([]);
    clock.advance(100);
    expect(spoken).toEqual(['The gateway is restarting']);
    clock.advance(10_000);
    expect(spoken).toHaveLength(1);
  });

  it('[D320] what happens to a price right after a reconnect does not take the place of the reconnect', () => {
    const { clock, spoken, announcer } = start();
    announcer.say('Connected again', 'connection');
    clock.advance(600);
    announcer.say('BTC-USD: stale', 'price');
    announcer.say('Candle of 12:00', 'candle');
    clock.advance(100);
    expect(spoken).toEqual(['Connected again']);
    clock.advance(700);
    clock.advance(700);
    expect(spoken).toEqual(['Connected again', 'BTC-USD: stale', 'Candle of 12:00']);
  });

  it('[D19] a sentence about the connection replaces one about a price that has not been spoken', () => {
    const { clock, spoken, announcer } = start();
    announcer.say('BTC-USD: stale', 'price');
    announcer.say('Reconnecting', 'connection');
    clock.advance(5_000);
    expect(spoken).toEqual(['Reconnecting']);
  });

  it('[D320] keys that are pressed again and again hold back nothing else', () => {
    const { clock, spoken, announcer } = start();
    announcer.say('Connected again', 'connection');
    for (let press = 0; press < 5; press += 1) {
      announcer.say(`Candle ${press}`, 'candle');
      clock.advance(200);
    }
    expect(spoken).toEqual(['Connected again']);
    clock.advance(700);
    expect(spoken).toEqual(['Connected again', 'Candle 4']);
  });
});
