/** The part of lossless-json used here; its own types cannot be found through its exports. */
declare module 'lossless-json' {
  /** As `JSON.parse`; numbers become what `parseNumber` makes of their text. */
  export const parse: (text: string, reviver: undefined, parseNumber: (text: string) => unknown) => unknown;
}
