import { type Browser, chromium } from 'playwright-core';

/** Where the test set-up found Chromium; otherwise the usual place. */
const chromiumBin = (): string => process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';

/** A real browser without a window, which makes no requests of its own. */
export const startBrowser = (args: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumBin(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
