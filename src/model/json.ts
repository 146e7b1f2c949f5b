/** A JSON object, whatever it holds. */
export type JsonMap = Record<string, unknown>;

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON object that a text is, or why it is none. */
export function parseMap(text: string): { value: JsonMap } | { fault: string } {
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? { value } : { fault: 'it holds no JSON object' };
  } catch {
    return { fault: 'it is not JSON' };
  }
}
