import type { Engine } from './engine.ts';

/** The large view: before and after on each other, and the divider between them. */
export interface Stage {
  /** Shows an engine's canvases. */
  put(engine: Engine): void;
  describe(picture: string, mode: string): void;
}

/** Per cent of the width by key. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -2,
  ArrowDown: -2,
  ArrowRight: 2,
  ArrowUp: 2,
  PageDown: -10,
  PageUp: 10,
  Home: -100,
  End: 100,
};

export function makeStage(stage: HTMLElement): Stage {
  const divider = stage.querySelector<HTMLElement>('[role="slider"]')!;
  let at = 50;
  let canvases: readonly HTMLCanvasElement[] = [];

  function move(to: number): void {
    at = Math.min(100, Math.max(0, to));
    stage.style.setProperty('--at', `${at}%`);
    stage.dataset['side'] = at < 12 ? 'after' : at > 88 ? 'before' : 'both';
    divider.setAttribute('aria-valuenow', String(Math.round(at)));
    divider.setAttribute('aria-valuetext', `${Math.round(at)} % before, ${Math.round(100 - at)} % after`);
  }
  const follow = ({ clientX }: PointerEvent): void => {
    const { left, width } = stage.getBoundingClientRect();
    move((100 * (clientX - left)) / width);
  };

  stage.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    follow(event);
    divider.focus({ preventScroll: true });
    event.preventDefault();
  });
  stage.addEventListener('pointermove', (event) => {
    if (stage.hasPointerCapture(event.pointerId)) follow(event);
  });
  divider.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(at + step);
  });
  move(at);

  return {
    put: ({ before, after }) => {
      for (const canvas of canvases) canvas.remove();
      after.classList.add('after');
      canvases = [before, after];
      stage.prepend(before, after);
    },
    describe: (picture, mode) => {
      canvases[0]?.setAttribute('aria-label', `Before: ${picture}`);
      canvases[1]?.setAttribute('aria-label', `After: ${picture}, ${mode}`);
    },
  };
}
