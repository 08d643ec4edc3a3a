import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const source = new URL('../../docs/forecasting.md', import.meta.url);

/** The page links to the document about its forecasts, and works where nothing else can be reached: it comes with it. */
export const forecastDocument = (): Plugin => ({
  name: 'forecast-document',
  apply: 'build',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'forecasting.txt', source: readFileSync(source, 'utf8') });
  },
});
