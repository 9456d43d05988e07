/** A stream of numbers that a seed determines: Mulberry32 (Tommy Ettinger 2017), enough for drawing pictures. */
export class Random {
  #state: number;

  /** Streams of one seed have nothing to do with each other. */
  constructor(seed: number, stream: 'pictures' | 'order' | 'weights' | 'check') {
    let state = Math.imul(seed, 0x9e3779b1);
    for (const letter of stream) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
    this.#state = state >>> 0;
  }

  /** Evenly between `low` and `high`. */
  between(low: number, high: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return low + (((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * (high - low);
  }

  /** A whole number below `bound`. */
  below(bound: number): number {
    return Math.floor(this.between(0, bound));
  }

  /** Normally distributed about 0 with deviation 1 (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.between(0, 1))) * Math.cos(this.between(0, 2 * Math.PI));
  }

  /** The numbers below `count` in random order (Fisher and Yates). */
  order(count: number): number[] {
    const order = Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
    return order;
  }
}
