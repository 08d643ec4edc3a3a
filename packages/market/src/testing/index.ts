export { createManualClock, type ManualClock } from './manual-clock.js';
export {
  btcRecording,
  caseFile,
  ethRecording,
  generateRecording,
  type Recording,
  recordedFile,
} from './recordings.js';
export { type WireFrame, wireFrames } from './wire.js';
export { zipOf } from './zip.js';
