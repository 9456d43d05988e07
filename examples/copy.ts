/** Makes a button put a text on the clipboard, and say for a moment how that went. */
export function copiesText(button: HTMLButtonElement, textOf: () => string): void {
  const label = button.textContent;
  button.addEventListener('click', () => {
    void put(textOf()).then((outcome) => {
      button.textContent = outcome;
      setTimeout(() => (button.textContent = label), 1500);
    });
  });
}

async function put(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  } catch {
    return 'Not allowed';
  }
}
