import { expect, it } from '@jest/globals';
import * as surface from './index.js';

it('exports these names and no others', () => {
  expect(Object.keys(surface).sort()).toEqual([
    'InvalidOption',
    'InvalidPrice',
    'SnapshotRefused',
    'createForecaster',
    'createRollingQuantile',
    'createScorecard',
    'createSymbolForecaster',
    'levels',
  ]);
});
