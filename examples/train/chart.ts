import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Spread } from './summary.ts';

/** A line for the mean over the seeds, within a band from the least to the largest; what is trained here is drawn in ink. */
export interface Line {
  name: string;
  colour: 'grey' | 'orange' | 'blue' | 'ink';
  dashed?: boolean;
  points: readonly (readonly [x: number, spread: Spread])[];
}

export interface ChartOptions {
  x: string;
  y: string;
  /** Where the axis of x ends, whatever there is to draw. */
  xMost?: number;
  /** Batch sizes, from the largest to the smallest, each a step from the next. */
  halving?: boolean;
  percent?: boolean;
}

const dark = matchMedia('(prefers-color-scheme: dark)');
/** Okabe and Ito 2008: told apart by everybody. */
const COLOURS = {
  grey: ['#5c6068', '#b6b9c2'],
  orange: ['#c04a00', '#f0883e'],
  blue: ['#0067a8', '#56b4e9'],
  ink: ['#1d1f24', '#e9e8e4'],
  line: ['#e5e2dc', '#2e313a'],
} as const;
const colourOf = (name: keyof typeof COLOURS): string => COLOURS[name][dark.matches ? 1 : 0];
const HEIGHT = 260;

/** A chart in a figure of the page, that is drawn anew from time to time. */
export class Chart {
  readonly #figure: HTMLElement;
  readonly #host: HTMLElement;
  readonly #legend: HTMLElement;
  #options: ChartOptions;
  #plot: uPlot | null = null;
  #lines: readonly Line[] = [];
  /** All that is drawn, but for its points. */
  #looks = '';

  /** @param figure With a caption. */
  constructor(figure: HTMLElement, options: ChartOptions) {
    this.#options = options;
    this.#figure = figure;
    figure.insertAdjacentHTML('beforeend', '<div class="plot" role="img"></div><ul class="keys"></ul>');
    this.#host = figure.querySelector('.plot')!;
    this.#legend = figure.querySelector('.keys')!;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#host);
    dark.addEventListener('change', () => this.draw(this.#lines));
  }

  draw(lines: readonly Line[], options: ChartOptions = this.#options): void {
    this.#options = options;
    this.#lines = lines;
    this.#figure.dataset['points'] = String(lines.reduce((sum, { points }) => sum + points.length, 0));
    this.#host.ariaLabel = `${options.y} over ${options.x}: ${lines.map(({ name }) => name).join(', ')}`;
    const looks = JSON.stringify([
      dark.matches,
      options,
      lines.map(({ points, ...look }) => [look, points.length === 1]),
    ]);
    if (looks === this.#looks) {
      this.#plot!.setData(this.#data());
      return;
    }
    this.#looks = looks;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#plotOptions(), this.#data(), this.#host);
    this.#legend.innerHTML = lines.map((line) => `<li>${swatchOf(line)}${line.name}</li>`).join('');
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, this.#host.clientWidth), height: HEIGHT };
  }

  #data(): uPlot.AlignedData {
    const xs = [...new Set(this.#lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
    const columns = this.#lines.flatMap(({ points }) => {
      const at = new Map(points);
      return (['low', 'high', 'mean'] as const).map((which) => xs.map((x) => at.get(x)?.[which] ?? null));
    });
    return [xs, ...columns] as uPlot.AlignedData;
  }

  #plotOptions(): uPlot.Options {
    const { x, y, xMost, halving, percent } = this.#options;
    const axis = { stroke: colourOf('ink'), grid: { stroke: colourOf('line'), width: 1 }, ticks: { show: false } };
    const ten = percent ? 100 : 1;
    const format = (value: number): string => `${Number((ten * value).toPrecision(3))}${percent ? ' %' : ''}`;
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: {
          time: false,
          ...(halving && { distr: 3, log: 2, dir: -1 }),
          ...(xMost && { range: () => [0, xMost] as [number, number] }),
        },
        y: { range: (_, __, most) => [0, (most || 1) * 1.08] },
      },
      axes: [
        {
          ...axis,
          label: x,
          labelSize: 22,
          size: 34,
          ...(halving && { splits: () => this.#data()[0] as number[], values: text, filter: all }),
        },
        { ...axis, label: y, labelSize: 22, size: 52, values: (_, splits) => splits.map(format) },
      ],
      series: [{}, ...this.#lines.flatMap((line) => seriesOf(line, halving ?? false))],
      bands: this.#lines.map(({ colour }, index) => ({
        series: [3 * index + 2, 3 * index + 1] as [number, number],
        fill: `${colourOf(colour)}33`,
      })),
    };
  }
}

/** Every tick of a logarithmic axis, not powers of ten alone. */
const all = (_: uPlot, splits: number[]): number[] => splits;
const text = (_: uPlot, splits: number[]): string[] => splits.map(String);

function seriesOf({ colour, dashed, points: { length } }: Line, points: boolean): uPlot.Series[] {
  const edge = { stroke: 'transparent', points: { show: false }, spanGaps: true };
  const dash = dashed ? { dash: [6, 4] } : {};
  const mean = {
    stroke: colourOf(colour),
    width: colour === 'ink' ? 3 : 2,
    points: { show: points || length === 1 },
    spanGaps: true,
    ...dash,
  };
  return [edge, edge, mean];
}

function swatchOf({ colour, dashed }: Line): string {
  return `<svg class="key ${colour}" viewBox="0 0 28 8" aria-hidden="true"><path d="M0 4H28"${dashed ? ' stroke-dasharray="6 4"' : ''} /></svg>`;
}
