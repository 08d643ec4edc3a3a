export { createManualClock, type ManualClock } from './manual-clock.js';
export { btcRecording, ethRecording, generateRecording, type Recording, recordedFile } from './recordings.js';
export { type WireFrame, wireFrames } from './wire.js';
