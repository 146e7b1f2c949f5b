/**
 * A value that only an earlier action can tell, e.g. the address that a load balancer will answer.
 * It stands inside a desired object where the value will be; `origin` is the action that yields it.
 */
export class Unknown {
  readonly origin: string;
  /** For people: `load balancer of cluster-1`. */
  readonly label: string;

  constructor(origin: string, label: string) {
    this.origin = origin;
    this.label = label;
  }

  /** How a plan shows it, in Terraform's words. */
  toString(): string {
    return `(known after apply: ${this.label})`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A JSON pointer (RFC 6901) to an unknown inside an object, with the unknown itself. */
export interface UnknownAt {
  pointer: string;
  value: Unknown;
}

/** Finds every unknown in a desired object. */
export function findUnknowns(value: unknown, pointer = ''): UnknownAt[] {
  if (value instanceof Unknown) return [{ pointer, value }];
  // Most objects hold none, and a CRD has thousands of fields: pointers are made only where it pays.
  if (typeof value !== 'object' || value === null || !hasUnknown(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    findUnknowns(child, `${pointer}/${escapePointer(key)}`),
  );
}

function hasUnknown(value: object): boolean {
  if (value instanceof Unknown) return true;
  for (const key in value) {
    const child = (value as Record<string, unknown>)[key];
    if (typeof child === 'object' && child !== null && hasUnknown(child)) return true;
  }
  return false;
}

/** Escapes one reference token of a JSON pointer (RFC 6901, section 3). */
export function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
