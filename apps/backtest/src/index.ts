export { runBacktest, type Terminal } from './backtest.js';
