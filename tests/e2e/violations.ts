import type { Page } from 'playwright-core';

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** What axe-core, given as its source, finds against WCAG 2.2 AA and its best practices. */
export const violations = async (page: Page, source: string): Promise<readonly string[]> => {
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(source);
  const result = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as AxeResult;
  return result.violations.map(({ id, impact, nodes }) => {
    const [first] = nodes;
    return `${impact} ${id}: ${first?.html} ${first?.failureSummary}`;
  });
};
