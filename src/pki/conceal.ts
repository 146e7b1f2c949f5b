import { inspect } from 'node:util';

/**
 * Makes `console.log`, `util.inspect` and assertion messages show names in the place of keys.
 * The fields themselves stay as they are for whoever asks for them by name.
 */
export function conceal<T extends object>(value: T, secrets: readonly (keyof T & string)[]): T {
  const show = (): object => ({
    ...value,
    ...Object.fromEntries(secrets.filter((key) => value[key] !== undefined).map((key) => [key, '(private)'])),
  });
  return Object.defineProperty(value, inspect.custom, { value: show, enumerable: false });
}
