/** What a page has left for the values that it shows, which each of them takes from as it is rendered. */
export interface Room {
  /** Lines of trees, and messages. */
  nodes: number;
  /** Of text, before it is escaped. */
  characters: number;
}

/** More of them make a page that a browser takes seconds for. */
const PAGE_NODES = 20_000;
const PAGE_CHARACTERS = 1_000_000;

export function pageRoom(): Room {
  return { nodes: PAGE_NODES, characters: PAGE_CHARACTERS };
}

export function isFull({ nodes, characters }: Room): boolean {
  return nodes <= 0 || characters <= 0;
}
