import type { Results } from '../analysis/results.ts';
import { choiceOf } from './choice.ts';
import type { Shown } from './view.ts';

const RECORDED = import.meta.glob<Results>('../results/*.json', { import: 'default' });

/** What the files of recorded results are called; the first is shown at first. */
const NAMES: Record<string, string> = {
  'h200-dawn': 'NVIDIA H200',
  'swiftshader-chromium': 'SwiftShader, a CPU',
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
    for (const [file, results] of files) this.add(NAMES[file] ?? file, results);
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
