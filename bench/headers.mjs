/** Make a page one of its own, which shares its process with no other: only then its clocks are fine. */
export const OWN_PROCESS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
