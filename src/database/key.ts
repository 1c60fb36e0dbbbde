/**
 * Folds text so that what people take for the same compares as the same, in equal order on both
 * databases, whose own letter folding differs. Case, width, accents' encoding and spacing do not count.
 */
export function foldKey(text: string): string {
  return text
    .normalize('NFKC')
    .trim()
    .replace(/\s+/g, ' ')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFC');
}
