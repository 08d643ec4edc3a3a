export { createRandom, type Random } from '@tickwire/protocol/testing';
export { createFakeSource, type FakeOperation, type FakeSource, type FakeSourceOptions } from './fake-source.js';
export { createFakeTransport, type FakeTransport } from './fake-transport.js';
export { batchLineFormat, type Line, lineFormat, ownLine, parseLines } from './line-format.js';
export { type Client, createRig, type Rig, type RigOptions, range, turns, until } from './rig.js';
