/** What a proxy wrote of one request that it sent on. */
export interface LogLine {
  status: number;
  /** Envoy's response flags, e.g. `UF,URX`; empty where there are none. */
  flags: string;
  /** Response code details and the upstream's transport failure, where they are told. */
  details: string;
  authority: string;
}

/** Istio's text format: start, request, status, flags, details, termination, transport failure, … authority. */
const TEXT =
  /^\[[^\]]+\] "[A-Z]+ [^"]*" (?<status>\d{3}) (?<flags>\S+) (?<code>\S+(?:\{[^}]*\})?\S*) (?<termination>.+?) "(?<transport>[^"]*)" \d+ \d+ \d+ \S+ "[^"]*" "[^"]*" "[^"]*" "(?<authority>[^"]*)"/;

/** Reads what is left of an access log in Istio's own text or JSON format; other lines are passed over. */
export function parseAccessLog(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => {
    const read = line.startsWith('{') ? fromJson(line) : fromText(line);
    return read ? [read] : [];
  });
}

const said = (value: unknown): string =>
  value === undefined || value === null || value === '-' ? '' : String(value);

function fromText(line: string): LogLine | undefined {
  const found = TEXT.exec(line)?.groups;
  if (!found) return undefined;
  return {
    status: Number(found.status),
    flags: said(found.flags),
    details: [said(found.transport), said(found.code)].filter(Boolean).join(', '),
    authority: found.authority ?? '',
  };
}

function fromJson(line: string): LogLine | undefined {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (entry.response_code === undefined || entry.authority === undefined) return undefined;
  const details = [said(entry.upstream_transport_failure_reason), said(entry.response_code_details)];
  return {
    status: Number(entry.response_code),
    flags: said(entry.response_flags),
    details: details.filter(Boolean).join(', '),
    authority: String(entry.authority),
  };
}
