import { jest } from '@jest/globals';
import { isNightly } from './depth.js';
import { patientMs } from './wait-for.js';

// Jest runs this before each test file. The limit only ends tests that hang: `waitFor` has its own deadlines and
// reports what did not happen.
jest.setTimeout(patientMs(isNightly ? 900_000 : 300_000));
