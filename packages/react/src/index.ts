export { createHooks } from './hooks.js';
