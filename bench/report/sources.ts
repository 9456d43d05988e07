import type { Results } from '../analysis/results.ts';
import { choiceOf } from './choice.ts';
import type { Shown } from './view.ts';

const RECORDED = import.meta.glob<Results>('../results/*.json', { import: 'default' });

/** What the files of recorded results are called, and what a reader has to know; the first is shown at first. */
const KNOWN: Record<string, { name: string; note?: string }> = {
  'h100-dawn': {
    name: 'NVIDIA H100',
    note: 'AdaIN, GroupNorm + SiLU f16 of NHWC and two gradients are not in it: the time on the card was over.',
  },
  'h200-dawn': {
    name: 'NVIDIA H200',
    note: 'The copy of this run was in workgroups of 64 and took 1.23 times what it takes in those of 256, and calls one after the other overlap, so that its multiples are smaller than those of docs/performance.md, where LayerNorm [43690,768] is 1.08 forward.',
  },
  'swiftshader-chromium': { name: 'SwiftShader, a CPU' },
};

/** Results to choose from, by name. */
export class Sources {
  readonly #host: HTMLElement;
  readonly #show: (shown: Shown) => void;
  readonly #all = new Map<string, Shown>();
  #chosen: string | null = null;

  constructor(host: HTMLElement, show: (shown: Shown) => void) {
    this.#host = host;
    this.#show = show;
  }

  /** Adds results, or replaces those of that name. */
  add(name: string, shown: Shown): void {
    const known = this.#all.has(name);
    this.#all.set(name, shown);
    if (!known) this.#draw();
    if (name === this.#chosen) this.#show(shown);
  }

  choose(name: string): void {
    this.#chosen = name;
    this.#draw();
    this.#show(this.#all.get(name)!);
  }

  /** Adds what is recorded, and shows the first of it unless something else was chosen meanwhile. */
  async addRecorded(): Promise<void> {
    const files = await Promise.all(
      Object.entries(RECORDED).map(async ([path, load]) => [/([^/]+)\.json$/.exec(path)![1]!, await load()] as const),
    );
    for (const [file, results] of files) {
      const { name, note } = KNOWN[file] ?? { name: file };
      this.add(name, { ...results, note });
    }
    if (this.#chosen === null) this.choose(this.#all.keys().next().value!);
  }

  #draw(): void {
    const choice = choiceOf('Results of', [...this.#all.keys()], this.#chosen, (name) => {
      this.#chosen = name;
      this.#show(this.#all.get(name)!);
    });
    this.#host.replaceChildren(choice);
  }
}
