import { type Theme, themes } from '../model/preferences.js';
import { createSegments } from './dom.js';

/** The page's colours for canvases. */
export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly up: string;
  readonly down: string;
  readonly accent: string;
  readonly warn: string;
}

export interface ThemeControl {
  readonly palette: Palette;
  /** Called after the colours have changed, by choice or by the system. */
  onChange(listener: () => void): void;
}

const labels: Readonly<Record<Theme, string>> = { system: 'Auto', light: 'Light', dark: 'Dark' };

export const createThemeControl = (
  container: HTMLElement,
  initial: Theme,
  onChoose: (theme: Theme) => void,
): ThemeControl => {
  const root = document.documentElement;
  const listeners: (() => void)[] = [];
  let palette = readPalette();

  const refresh = (): void => {
    palette = readPalette();
    for (const listener of listeners) listener();
  };

  const apply = (theme: Theme): void => {
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    segments.choose(theme);
    refresh();
  };

  const segments = createSegments<Theme>(container, (theme) => {
    apply(theme);
    onChoose(theme);
  });
  segments.setOptions(themes.map((value) => ({ value, label: labels[value] })));
  apply(initial);
  for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
    matchMedia(query).addEventListener('change', refresh);
  }

  return {
    get palette() {
      return palette;
    },
    onChange: (listener) => void listeners.push(listener),
  };
};

/** Custom properties that use `light-dark()` resolve only as a real colour, so they are read off an element. */
const readPalette = (): Palette => {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const color = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette: Palette = {
    text: color('text'),
    muted: color('muted'),
    line: color('line-soft'),
    up: color('up'),
    down: color('down'),
    accent: color('accent'),
    warn: color('warn'),
  };
  probe.remove();
  return palette;
};
