import { jest } from '@jest/globals';
import { isNightly } from './depth.js';
import { patientMs } from './wait-for.js';

// Jest runs this before each test file. The limit only ends what hangs: `waitFor` has the deadlines, and says what did
// not happen.
jest.setTimeout(patientMs(isNightly ? 900_000 : 300_000));
