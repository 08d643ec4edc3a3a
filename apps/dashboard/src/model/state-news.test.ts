import { describe, expect, it } from '@jest/globals';
import { createStateNews } from './state-news.js';

describe('what is said of a price', () => {
  it('[D19] each change is news, what stays as it is is none', () => {
    const news = createStateNews();
    expect(news.isNews('waiting', true)).toBe(false);
    expect(news.isNews('live', true)).toBe(false);
    expect(news.isNews('live', true)).toBe(false);
    expect(news.isNews('stale', true)).toBe(true);
    expect(news.isNews('stale', true)).toBe(false);
    expect(news.isNews('down', true)).toBe(true);
    expect(news.isNews('live', true)).toBe(true);
  });

  it('[D19] around a reconnect the connection speaks for all prices', () => {
    const news = createStateNews();
    news.isNews('live', true);
    for (const [state, isConnected] of [
      ['stale', false],
      ['stale', true],
      ['live', true],
    ] as const) {
      expect(news.isNews(state, isConnected)).toBe(false);
    }
    expect(news.isNews('stale', true)).toBe(true);
  });

  it('[D19] another symbol begins anew', () => {
    const news = createStateNews();
    news.isNews('live', true);
    news.reset();
    expect(news.isNews('down', true)).toBe(false);
  });
});
