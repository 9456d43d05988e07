/** Declarations that the entry point reaches, by the names in their texts: the rest is left out. */

const DECLARATION = /^(?=(?:@|fn |struct |const |alias |var))(?<!\)\n)/m;
/** A name that is used; those of members and parameters are no declarations'. */
const WORD = /(?<!\.)\b\w+\b(?!:)/g;
/** Words that no compiler sees; a build has none. */
const COMMENT = /\/\/.*/g;
const NAME = /\b(?:(?:fn|struct|const|alias|var) |var<[^>]*> ?)(\w+)/;

/** A text without what nothing in it reaches. What is bound stays, and so do directives. */
export function reached(text: string): string {
  const declarations = text.split(DECLARATION);
  const byName = new Map(declarations.map((declaration) => [NAME.exec(declaration)?.[1], declaration]));
  const kept = new Set<string>();
  const keep = (declaration: string): void => {
    if (kept.has(declaration)) return;
    kept.add(declaration);
    for (const [word] of declaration.replaceAll(COMMENT, '').matchAll(WORD)) {
      const other = byName.get(word);
      if (other !== undefined) keep(other);
    }
  };
  for (const declaration of declarations) {
    if (declaration.startsWith('@') || !NAME.test(declaration)) keep(declaration);
  }
  return declarations.filter((declaration) => kept.has(declaration)).join('');
}
