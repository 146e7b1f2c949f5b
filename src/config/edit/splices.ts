/** A part of a text, and what stands in its place afterwards. Offsets count UTF-16 units. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

/** The text with all splices made; those that begin at one place are made in their order. */
export function splice(text: string, splices: readonly Splice[]): string {
  const ordered = [...splices].sort((one, other) => one.start - other.start);
  let result = '';
  let done = 0;
  for (const { start, end, text: inserted } of ordered) {
    result += text.slice(done, start) + inserted;
    done = Math.max(done, end);
  }
  return result + text.slice(done);
}

/** A text in which places are found by what stands around them. */
export class Lines {
  constructor(readonly text: string) {}

  /** Where the line of an offset begins. */
  startOf(offset: number): number {
    return this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Where the next line begins, or the text ends. */
  nextAfter(offset: number): number {
    const end = this.text.indexOf('\n', offset);
    return end < 0 ? this.text.length : end + 1;
  }

  /** What stands before an offset in its line. */
  before(offset: number): string {
    return this.text.slice(this.startOf(offset), offset);
  }

  /** How lines end, where this one does. */
  breakAfter(offset: number): string {
    const end = this.text.indexOf('\n', offset);
    const nearest = end < 0 ? this.text.indexOf('\n') : end;
    return this.text[nearest - 1] === '\r' ? '\r\n' : '\n';
  }

  /** The comma between two offsets, outside of comments; undefined where there is none. */
  commaBetween(from: number, to: number): number | undefined {
    for (let offset = from; offset < to; offset++) {
      if (this.text[offset] === ',') return offset;
      if (this.text[offset] === '#') offset = this.nextAfter(offset) - 1;
    }
    return undefined;
  }

  hasComment(from: number, to: number): boolean {
    return this.text.slice(from, to).includes('#');
  }

  /** The first offset from here on at which something stands. */
  somethingFrom(offset: number): number {
    const found = this.text.slice(offset).search(/\S/);
    return found < 0 ? this.text.length : offset + found;
  }
}
