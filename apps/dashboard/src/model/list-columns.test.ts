import { describe, expect, it } from '@jest/globals';
import { type ListRoom, listColumns } from './list-columns.js';

const room: ListRoom = { width: 560, priceWidth: 60, moveWidth: 50, hasVenues: false, shape: 'one' };

describe('the columns of the list', () => {
  it('[D60] are all there where there is room', () => {
    expect(listColumns(room)).toEqual({
      template: '24px minmax(88px, 1.3fr) 56px minmax(70px, 1fr) 60px 60px 54px 52px 32px',
      areas: '"star symbol trend last change move volume spread age"',
      hidden: [],
    });
  });

  it('[D60] give way in order: absolute change, spread, age, volume, trend; the price never does', () => {
    const widths = [490, 430, 390, 340, 310];
    const hidden = widths.map((width) => listColumns({ ...room, width }).hidden.length);
    expect(hidden).toEqual([1, 2, 3, 4, 5]);
    const tight = listColumns({ ...room, width: 300, priceWidth: 130, hasVenues: true });
    expect(tight.hidden).toEqual(['move', 'spread', 'age', 'volume', 'trend']);
    expect(tight.template).toBe('24px minmax(144px, 1.3fr) minmax(131px, 1fr) 60px');
  });

  it('[D60] of rows of two lines the volume stands under the price, the absolute change under the relative one', () => {
    const two = listColumns({ ...room, width: 430, shape: 'two' });
    expect(two.hidden).toEqual([]);
    expect(two.areas).toBe('"star symbol trend last change spread age" "star symbol trend volume move spread age"');
    const phone = listColumns({ ...room, width: 320, priceWidth: 110, moveWidth: 70, shape: 'phone' });
    expect(phone).toEqual({
      template: '24px minmax(88px, 1.3fr) minmax(111px, 1fr) 71px',
      areas: '"star symbol last change" "star symbol volume move"',
      hidden: ['trend', 'spread', 'age'],
    });
  });
});
