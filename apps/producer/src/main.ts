import { requireOpenFiles } from '@tickwire/runtime/open-files';

requireOpenFiles();
await import('./process.js');
