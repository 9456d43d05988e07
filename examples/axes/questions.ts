import { drawCube } from './cube.ts';
import * as m from './mathml.ts';
import { sharingIn, START } from './state.ts';
import type { State } from './state.ts';

/** Questions about normalization, answered with settings of the picture. */

interface Question {
  question: string;
  formula: string;
  /** Paragraphs of HTML. */
  answer: readonly string[];
  settings: readonly { label: string; change: Partial<State> }[];
}

const { name, number, sign, row, fraction, root, index } = m;
const x = name('x');
const y = name('y');
const hat = `<mover>${x}<mo>^</mo></mover>`;
const sub = (base: string, below: string): string => index(base, row(...[...below].map(name)));
const centred = (mean: string, variance: string): string =>
  fraction(row(x, sign('−'), mean), root(row(variance, sign('+'), name('ε'))));

const QUESTIONS: readonly Question[] = [
  {
    question: 'Is scaling RGB values to sum to one a layer or an instance normalization?',
    formula: m.math(y, sign('='), fraction(x, row(sign('∑'), x))),
    answer: [
      'It depends on what the sum runs over. Over all values of a picture, elements are shared as in LayerNorm; over each colour channel by itself, as in InstanceNorm; over the three colours of each pixel, as in the LayerNorm of transformers. No other picture has a part in it, so it is never a batch normalization.',
      'It has no more than that in common with them: nothing is subtracted, the divisor is a sum and no deviation, and nothing is learned.',
    ],
    settings: [
      { label: 'All of a picture', change: { mode: 'layer', statistic: 'sum' } },
      { label: 'Each channel', change: { mode: 'instance', statistic: 'sum' } },
      { label: 'Each pixel', change: { mode: 'free', axes: ['C'], statistic: 'sum' } },
    ],
  },
  {
    question: 'What exactly is normalized, and how many parameters does it take?',
    formula: m.math(
      hat,
      sign('='),
      centred(sub(name('μ'), 'B'), `<msubsup>${name('σ')}${name('B')}${number('2')}</msubsup>`),
      sign(','),
      '<mspace width="1em"/>',
      y,
      sign('='),
      name('γ'),
      hat,
      sign('+'),
      name('β'),
    ),
    answer: [
      'What a layer computes, not its weights. BatchNorm brings each feature to mean 0 and deviation 1 over the batch (in a convolution each channel, over the batch and all positions), then scales by γ and shifts by β.',
      'So 50 features have 50 γ and 50 β, 100 numbers that are trained. Running means and variances for inference are another 100 that are not: 200 in all. 30 channels have 60 trained and 120 in all, however large the pictures are.',
    ],
    settings: [
      { label: 'A channel', change: { mode: 'batch' } },
      { label: 'A feature', change: { mode: 'activation' } },
    ],
  },
  {
    question: 'Are γ and β vectors?',
    formula: m.math(sub(y, 'nchw'), sign('='), sub(name('γ'), 'c'), sub(hat, 'nchw'), sign('+'), sub(name('β'), 'c')),
    answer: [
      'Yes: one number per channel in BatchNorm, InstanceNorm and GroupNorm, the same for all samples and positions. They multiply and add element by element; it is no matrix product. In LayerNorm they have the shape of what is normalized, one number per element of a sample.',
      'With γ = √(σ² + ε) and β = μ a BatchNorm gives back its input: the network can undo it where that is better. In GroupNorm the elements with the same γ are not those with the same mean.',
    ],
    settings: [
      { label: 'BatchNorm', change: { mode: 'batch', marked: true } },
      { label: 'LayerNorm', change: { mode: 'layer', marked: true } },
      { label: 'GroupNorm', change: { mode: 'group', groups: 2, marked: true } },
    ],
  },
  {
    question: 'Which of three ways is batch normalization for convolutions: per channel, per pixel or per activation?',
    formula: m.math(
      sub(name('μ'), 'c'),
      sign('='),
      fraction(number('1'), row(name('N'), name('H'), name('W'))),
      `<munder>${sign('∑')}${row(name('n'), sign(','), name('h'), sign(','), name('w'))}</munder>`,
      sub(x, 'nchw'),
    ),
    answer: [
      'Per channel, over N, H and W. A convolution treats all positions alike, and its normalization shall too: the values of a channel at all positions of all samples are taken as one set, with one γ and one β.',
      'Per activation, over N alone, is what fully connected layers do; on pictures it would treat every position differently. Per pixel, over N and C, would mix channels, which mean different things.',
    ],
    settings: [
      { label: 'Per channel', change: { mode: 'batch' } },
      { label: 'Per pixel', change: { mode: 'pixel' } },
      { label: 'Per activation', change: { mode: 'activation' } },
    ],
  },
  {
    question: 'Why do small batches hurt?',
    formula: m.math(name('sd'), sign('('), name('μ'), sign(')'), sign('='), fraction(name('σ'), root(name('m')))),
    answer: [
      'The mean of m independent values is itself uncertain, by σ / √m, and so is the deviation. In BatchNorm m shrinks with the batch, so what a sample becomes depends on its company, more so the smaller that is; and the running statistics used in inference differ more from those in training. With one value per channel every result is 0, before β.',
      'LayerNorm, InstanceNorm and GroupNorm take their statistics within a sample: the batch does not matter. Move the slider of the batch and see what stays. Wu and He report for ResNet-50 on ImageNet with 2 samples per GPU an error 10.6 points lower with GroupNorm.',
    ],
    settings: [
      { label: 'BatchNorm, N = 4', change: { mode: 'batch', batch: 4 } },
      { label: 'BatchNorm, N = 1', change: { mode: 'batch', batch: 1, chosen: 13 } },
      { label: 'GroupNorm, N = 1', change: { mode: 'group', groups: 2, batch: 1, chosen: 13 } },
    ],
  },
];

/** Writes the questions; `show` is called with the state of a button. */
export function makeQuestions(list: HTMLElement, show: (state: Partial<State>) => void): void {
  for (const { question, formula, answer, settings } of QUESTIONS) {
    const article = document.createElement('article');
    article.innerHTML = `<h3>${question}</h3><div class="answer">${formula}${answer.map((text) => `<p>${text}</p>`).join('')}</div><div class="settings"></div>`;
    article.querySelector('.settings')!.append(
      ...settings.map(({ label, change }) => {
        const state = { ...START, ...change };
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'setting';
        button.innerHTML = `${drawCube(sharingIn(state), state.batch)}<span><span class="unseen">Show in the picture: </span>${label}</span>`;
        button.addEventListener('click', () =>
          show({ batch: 4, statistic: 'mean-variance', marked: false, ...change }),
        );
        return button;
      }),
    );
    list.append(article);
  }
}
