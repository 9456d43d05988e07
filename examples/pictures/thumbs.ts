import { drawCovering, drawingOf, SMALL } from './pictures.ts';
import type { Image } from './pictures.ts';
import { PLACES } from './state.ts';

/** The pictures of the batch, small, one of them chosen. */
export interface Thumbs {
  show(chosen: number): void;
  draw(place: number, image: Image | HTMLVideoElement, name: string): void;
}

export function makeThumbs(fieldset: HTMLElement, name: string, choose: (place: number) => void): Thumbs {
  const labels = Array.from({ length: PLACES }, (_, place) => {
    const label = document.createElement('label');
    label.className = 'thumb';
    label.innerHTML = `<input type="radio" name="${name}" value="${place}" /><canvas width="${SMALL.width}" height="${SMALL.height}" aria-hidden="true"></canvas><span></span>`;
    label.addEventListener('change', () => choose(place));
    return label;
  });
  fieldset.append(...labels);
  return {
    show: (chosen) => labels.forEach((label, place) => (label.querySelector('input')!.checked = place === chosen)),
    draw: (place, image, words) => {
      const label = labels[place]!;
      drawCovering(drawingOf(label.querySelector('canvas')!), image);
      const said = label.querySelector('span')!;
      if (said.textContent !== words) said.textContent = words;
    },
  };
}
