/** Long draws and what was drawn from after them: a sweep draws the same numbers for each of its calls. */
const draws = new Map<string, { numbers: Float32Array<ArrayBuffer>; state: number }>();
const LONG = 1 << 14;

/** Numbers that look random and are the same on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1): mulberry32. */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** `size` numbers of the given mean and deviation, as f32 holds them. */
  normals(size: number, mean = 0, deviation = 1): Float32Array<ArrayBuffer> {
    const draw = (): Float32Array<ArrayBuffer> =>
      Float32Array.from({ length: size }, () => mean + deviation * this.normal());
    if (size < LONG) return draw();
    const key = [this.#state, size, mean, deviation].join();
    const found = draws.get(key);
    if (!found) {
      const numbers = draw();
      draws.set(key, { numbers, state: this.#state });
      return numbers.slice();
    }
    this.#state = found.state;
    return found.numbers.slice();
  }
}
