import picomatch from 'picomatch';

/** Only `*`, `**` and `?` mean something: names may hold brackets, and a leading `!` would turn a choice round. */
const OPTIONS = { dot: true, nobrace: true, nobracket: true, noextglob: true, nonegate: true } as const;

/**
 * Whether a name made of parts between slashes, such as an id or an address, is one that a pattern means:
 * `*` stands for anything within a part, `**` for any number of parts, `?` for one character.
 */
export function matcher(pattern: string): (name: string) => boolean {
  const matches = picomatch(pattern, OPTIONS);
  // Alone, for a second argument, such as the index that `some` gives, would make it answer with an object.
  return (name) => matches(name);
}
