/** Colours that are told apart on light and dark, also by most who see colours differently (after Okabe & Ito 2008). */
export const palette = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#8c6bb1',
  '#b8a700',
  '#5f9e6e',
  '#c44e52',
  '#4878d0',
  '#8c613c',
] as const
