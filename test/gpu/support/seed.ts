/** What random tests draw from; printed, and `SEED` repeats it. */
export const seed: number = Number(import.meta.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`random calls, seed ${seed}: SEED=${seed} repeats them`);
