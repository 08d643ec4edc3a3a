import { defineConfig } from 'vite';

export default defineConfig({
  base: '/admin/',
  build: {
    target: 'es2022',
    // Inlined code or data would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/admin/api': 'http://localhost:8000' } },
});
