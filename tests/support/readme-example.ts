import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ReadmeExample {
  readonly code: string;
  /** What it says behind each `console.log` that it prints. */
  readonly prints: readonly string[];
}

/** The JavaScript of a README. */
export const readmeExample = (path: string): ReadmeExample => {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  const code = /```js\n(.*?)```/s.exec(text)?.[1] ?? '';
  return { code, prints: [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed = '']) => printed) };
};
