/** Whether something with these labels carries all that are wanted, as the selector of a Service asks. */
export const carries = (
  labels: Readonly<Record<string, unknown>> | undefined,
  wanted: Readonly<Record<string, unknown>>,
): boolean => Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
