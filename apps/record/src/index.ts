export { runRecord, type Terminal } from './record.js';
