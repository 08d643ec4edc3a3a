import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ReadmeExample {
  readonly code: string;
  /** The expected output: the comment behind each `console.log`. */
  readonly prints: readonly string[];
}

/** The JavaScript in a README. */
export const readmeExample = (path: string): ReadmeExample => {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  const code = /```js\n(.*?)```/s.exec(text)?.[1] ?? '';
  return { code, prints: [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed = '']) => printed) };
};
