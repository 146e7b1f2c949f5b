import type { Look } from './view.js';

export interface Colours {
  fill: string;
  /** Of the border, dark enough to tell on light and on dark. */
  line: string;
  dashed: boolean;
}

/**
 * After the palette of Okabe and Ito, which people with any colour vision can tell apart; each fill carries black
 * text with a contrast of 10 to 1 and more.
 */
export const COLOURS: Record<Look, Colours> = {
  create: { fill: '#c9ead9', line: '#00734f', dashed: false },
  update: { fill: '#fbe7a6', line: '#8a6500', dashed: false },
  replace: { fill: '#f9d0b0', line: '#a84200', dashed: false },
  delete: { fill: '#f6c6cf', line: '#9c1c3c', dashed: false },
  unknown: { fill: '#cfe3f7', line: '#00558c', dashed: false },
  blocked: { fill: '#e3cdec', line: '#6b2d84', dashed: false },
  noop: { fill: '#f0f0f0', line: '#767676', dashed: false },
  'not-selected': { fill: '#ffffff', line: '#767676', dashed: true },
  declared: { fill: '#eaf1f8', line: '#2f4f6f', dashed: false },
};
