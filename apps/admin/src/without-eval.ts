import { config } from 'zod';

// zod would compile its checks with `new Function`, which the Content-Security-Policy of this page forbids. It decides
// that where a schema is made: this must be imported before any schema.
config({ jitless: true });
