/** Formulas in MathML, which browsers draw and screen readers read. */

export const math = (...parts: string[]): string => `<math display="block">${row(...parts)}</math>`;
export const row = (...parts: string[]): string => `<mrow>${parts.join('')}</mrow>`;
export const name = (letter: string): string => `<mi>${letter}</mi>`;
export const number = (digits: string): string => `<mn>${digits}</mn>`;
export const sign = (character: string): string => `<mo>${character}</mo>`;
export const fraction = (above: string, below: string): string => `<mfrac>${above}${below}</mfrac>`;
export const root = (under: string): string => `<msqrt>${under}</msqrt>`;
export const index = (base: string, below: string): string => `<msub>${base}${below}</msub>`;
export const square = (base: string): string => `<msup>${base}<mn>2</mn></msup>`;
