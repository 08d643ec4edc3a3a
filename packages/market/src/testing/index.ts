export {
  btcRecording,
  caseFile,
  ethRecording,
  generateRecording,
  type Recording,
  recordedFile,
  type WireFrame,
  wireFrames,
} from './recordings.js';
export { zipOf } from './zip.js';
