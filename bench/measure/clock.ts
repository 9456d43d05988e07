/** Milliseconds that some work takes. */
export async function timed(work: () => void | Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** The smallest step of the clock, in microseconds: pages that share their process with others get a coarse one. */
export function clockStep(): number {
  let smallest = Infinity;
  for (let sample = 0; sample < 20; sample++) {
    const begin = performance.now();
    let now = begin;
    while (now === begin) now = performance.now();
    smallest = Math.min(smallest, now - begin);
  }
  return smallest * 1000;
}

/** @throws Error (rejects) where the work is not done in time; it is not stopped. */
export async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
