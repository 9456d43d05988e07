import { element } from './element.ts';

/** Buttons of which one is pressed. */
export function choiceOf<Name extends string>(
  label: string,
  names: readonly Name[],
  chosen: Name | null,
  choose: (name: Name) => void,
): HTMLElement {
  const buttons = names.map((name) => {
    const button = element('button', { type: 'button', className: 'button quiet', textContent: name });
    button.ariaPressed = String(name === chosen);
    button.addEventListener('click', () => {
      for (const each of buttons) each.ariaPressed = String(each === button);
      choose(name);
    });
    return button;
  });
  return element('div', { className: 'choice', role: 'group', ariaLabel: label }, buttons);
}
