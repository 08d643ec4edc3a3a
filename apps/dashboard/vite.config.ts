import { defaultClientConditions, defineConfig } from 'vite';
import { compressedCopies } from './compressed-copies.config.js';
import { forecastDocument } from './forecast-document.config.js';

export default defineConfig({
  // A proxy may serve the page below a path of its own.
  base: './',
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    // Inlined code or data would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  plugins: [forecastDocument(), compressedCopies()],
  server: {
    proxy: { '/api': 'http://localhost:8000', '/connection': { target: 'ws://localhost:8000', ws: true } },
  },
});
