interface Placed {
  file?: string;
  line?: number;
  column?: number;
}

/** Findings in the order of files as they come first, then by position. */
export function inOrder<Item extends Placed>(items: readonly Item[]): Item[] {
  const files = [...new Set(items.map((item) => item.file))];
  return [...items].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
