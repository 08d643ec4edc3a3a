/**
 * A venue time further ahead of its receive time than this is an error in the data (seconds taken for milliseconds, a
 * wrong day): believed, it would close every bar up to it and empty the day's window.
 */
export const maxAheadMs = 3_600_000;
