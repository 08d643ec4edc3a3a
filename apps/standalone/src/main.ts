import { requireOpenFiles } from '@tickwire/runtime/open-files';

requireOpenFiles();
await import('./commands.js');
