/** A secret and the pieces of it that would give it away wherever they stand. */
export interface Canary {
  name: string;
  pieces: string[];
}

const PIECE = 44;

/**
 * The lines of a PEM key, each plain and as base64 has it inside something longer. The first line is left
 * out, for it is nearly the same in all keys of one kind, and the last for it may be short.
 */
export function keyCanary(name: string, pem: string): Canary {
  const body = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  const lines = body.slice(1, -1);
  if (lines.length < 3) throw new Error(`${name} is no PEM key`);
  return { name, pieces: lines.flatMap(formsOf) };
}

/** The claims and the signature of a service account's token; its header is the same in all. */
export function tokenCanary(name: string, token: string): Canary {
  const parts = token.split('.').slice(-2);
  if (parts.some((part) => part.length < PIECE)) throw new Error(`${name} is no token`);
  return { name, pieces: parts.flatMap(formsOf) };
}

/** Plain, and base64 at each of the three places where a text can begin in what was encoded. */
function formsOf(text: string): string[] {
  const piece = text.slice(0, PIECE);
  const encoded = [0, 1, 2].map((shift) => {
    const whole = Buffer.from(' '.repeat(shift) + piece).toString('base64');
    // Its ends depend on what stands beside the piece.
    return whole.slice(4, -4);
  });
  return [piece, ...encoded];
}

/** The names of the canaries that a text gives away. */
export function tracesIn(text: string, canaries: Canary[]): string[] {
  return canaries
    .filter(({ pieces }) => pieces.some((piece) => text.includes(piece)))
    .map(({ name }) => name);
}
