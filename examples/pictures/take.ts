import { PLACES } from './state.ts';

/** Pictures that a visitor drops, chooses or pastes. */
export function takesFiles(
  input: HTMLInputElement,
  take: (files: readonly File[]) => void,
  refuse: (words: string) => void,
): void {
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = ''; // so that the same file can be chosen again
    if (files.length > 0) take(files);
  });
  addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dragging');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dragging');
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dragging');
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) take(files);
    else refuse('What was dropped is not a file. Save the picture first, then drop its file here.');
  });
}

/** What is to be said of files of which some were no pictures, or too many; else nothing. */
export function inWords(files: readonly File[], refused: readonly File[]): string {
  const [none] = refused;
  if (none) {
    const type = none.type || 'of unknown type';
    return `${none.name} could not be read as a picture (${type}). Try a PNG, JPEG or WebP file.`;
  }
  if (files.length <= PLACES) return '';
  return `There is room for ${PLACES} pictures; the first ${PLACES} of ${files.length} were taken.`;
}
