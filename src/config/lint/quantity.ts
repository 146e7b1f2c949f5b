const FACTORS: Record<string, number> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number that a Kubernetes quantity of the schema's form stands for: cores, bytes or pieces. */
export function quantity(text: string | number): number {
  const [, number = '0', unit = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(String(text)) ?? [];
  return Number(number) * (FACTORS[unit] ?? 1);
}

/** A number as a quantity that people read: `1500m`, `12Gi`, `3`. */
export function quantityText(value: number): string {
  for (const unit of ['Gi', 'Mi', 'Ki']) {
    const amount = value / (FACTORS[unit] as number);
    if (Number.isInteger(amount) && amount > 0) return `${amount}${unit}`;
  }
  return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`;
}
