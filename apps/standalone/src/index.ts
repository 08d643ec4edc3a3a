export { check } from './check.js';
export { startStandalone } from './standalone.js';
