import { describe, expect, it } from '@jest/globals';
import { listColumns } from './list-columns.js';

const room = { width: 400, priceWidth: 60, hasVenues: false, isTwoLines: false };

describe('the columns of the list', () => {
  it('[D60] are all there where there is room', () => {
    expect(listColumns(room)).toEqual({
      template: 'minmax(88px, 1.3fr) 56px minmax(70px, 1fr) 64px 52px 32px',
      hidden: [],
    });
  });

  it('[D60] give way in order: spread, age, trend; the price never does', () => {
    expect(listColumns({ ...room, priceWidth: 105 }).hidden).toEqual(['spread']);
    expect(listColumns({ ...room, priceWidth: 105, hasVenues: true }).hidden).toEqual(['spread', 'age']);
    const tight = listColumns({ ...room, width: 300, priceWidth: 130, hasVenues: true });
    expect(tight.hidden).toEqual(['spread', 'age', 'trend']);
    expect(tight.template).toBe('minmax(144px, 1.3fr) minmax(131px, 1fr) 64px');
  });

  it('[D60] of rows of two lines only the trend gives way', () => {
    expect(listColumns({ ...room, width: 320, isTwoLines: true }).hidden).toEqual([]);
    const phone = listColumns({ ...room, width: 320, priceWidth: 110, isTwoLines: true });
    expect(phone).toEqual({ template: 'minmax(88px, 1.3fr) minmax(111px, 1fr) 64px', hidden: ['trend'] });
  });
});
