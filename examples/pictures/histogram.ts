import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { countsOf } from './counts.ts';
import { format } from './format.ts';
import { CHANNELS } from './parameters.ts';

/** A histogram of each channel of a picture, in one chart. */

const BINS = 64;
const HEIGHT = 176;

const dark = matchMedia('(prefers-color-scheme: dark)');
/** By channel, of paper that is light and dark. Okabe and Ito's where they are red, green and blue; lines are dashed differently. */
const COLOURS = [
  ['#c8411b', '#f0774a'],
  ['#00805f', '#35c69a'],
  ['#0067a8', '#56b4e9'],
] as const;
const DASHES = [[], [6, 3], [2, 3]] as const;
const NAMES = ['red', 'green', 'blue'] as const;
const look = (pair: readonly [string, string]): string => pair[dark.matches ? 1 : 0];

export interface Spread {
  /** [3, H, W]. */
  values: ArrayLike<number>;
  range: readonly [from: number, to: number];
  /** The numbers that are drawn as black and as white. */
  drawn: readonly [black: number, white: number];
}

export class Histogram {
  readonly #host: HTMLElement;
  readonly #title: string;
  #plot: uPlot | null = null;
  #spread: Spread = { values: [], range: [0, 1], drawn: [0, 1] };

  constructor(host: HTMLElement, title: string) {
    this.#host = host;
    this.#title = title;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(host);
    dark.addEventListener('change', () => this.#make());
    this.#make();
  }

  draw(spread: Spread): void {
    this.#spread = spread;
    this.#plot!.setData(this.#data());
    const [from, to] = spread.range.map(format);
    this.#host.ariaLabel = `${this.#title}: how many pixels have which value, by colour, from ${from} to ${to}`;
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, this.#host.clientWidth), height: HEIGHT };
  }

  /** Edges of the bins, and how many are from each to the next. */
  #data(): uPlot.AlignedData {
    const { values, range } = this.#spread;
    const [from, to] = range;
    const edges = Array.from({ length: BINS + 1 }, (_, bin) => from + ((to - from) * bin) / BINS);
    const plane = values.length / CHANNELS;
    const channels = NAMES.map((_, channel) => {
      const counts = countsOf(values, range, BINS, [channel * plane, (channel + 1) * plane]);
      return [...counts, counts.at(-1)!];
    });
    return [edges, ...channels];
  }

  #make(): void {
    this.#plot?.destroy();
    const stepped = uPlot.paths.stepped!({ align: 1 });
    const series = NAMES.map((label, channel) => {
      const stroke = look(COLOURS[channel]!);
      return {
        label,
        stroke,
        fill: `${stroke}2e`,
        width: 1.5,
        dash: [...DASHES[channel]!],
        paths: stepped,
        points: { show: false },
        value: (_: uPlot, count: number | null) => (count === null ? '–' : String(count)),
      };
    });
    const ink = look(['#646871', '#9a9da6']);
    this.#plot = new uPlot(
      {
        ...this.#size(),
        padding: [6, 12, 0, 12],
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        scales: {
          x: { time: false, range: () => [...this.#spread.range] as [number, number] },
          y: { range: (_, __, most) => [0, most || 1] },
        },
        axes: [
          { stroke: ink, grid: { show: false }, ticks: { show: false }, size: 34, gap: 9, font: '12px system-ui' },
          { show: false },
        ],
        series: [{ label: 'value', value: (_, __, ___, bin) => this.#binInWords(bin) }, ...series],
        hooks: { drawClear: [(plot) => this.#drawShades(plot)] },
      },
      this.#data(),
      this.#host,
    );
  }

  #binInWords(bin: number | null): string {
    if (bin === null) return '–';
    const [from, to] = this.#spread.range;
    return format(from + ((to - from) * Math.min(bin, BINS - 1)) / BINS);
  }

  /** From black to white, below the counts: how each value is drawn. */
  #drawShades({ ctx, bbox, valToPos }: uPlot): void {
    const [black, white] = this.#spread.drawn.map((value) => valToPos(value, 'x', true)) as [number, number];
    const shades = ctx.createLinearGradient(black, 0, white, 0);
    shades.addColorStop(0, '#000');
    shades.addColorStop(1, '#fff');
    const height = 5 * devicePixelRatio;
    ctx.fillStyle = shades;
    ctx.fillRect(bbox.left, bbox.top + bbox.height, bbox.width, height);
  }
}
