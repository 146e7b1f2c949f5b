/** Whether a JSON pointer is one of those meant, or below it; `*` stands for one part, such as the index of a list. */
export function coversPointer(meant: readonly string[], pointer: string): boolean {
  const parts = pointer.split('/');
  return meant.some((item) => item.split('/').every((part, index) => part === '*' || part === parts[index]));
}
