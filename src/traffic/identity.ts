/** What a server's proxy tells of a connection in X-Forwarded-Client-Cert (Envoy's docs, HTTP headers). */
export interface ForwardedCert {
  /** The server's own SPIFFE ID. */
  by?: string;
  /** The client's. */
  uri?: string;
}

/** The last element, which the server's own proxy has added; undefined where it saw no certificate. */
export function parseForwardedCert(header: string): ForwardedCert | undefined {
  const last = header.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).at(-1) ?? '';
  const part = (name: string) => new RegExp(`(?:^|;)${name}=([^;]+)`).exec(last)?.[1];
  const by = part('By');
  const uri = part('URI');
  if (!by && !uri) return undefined;
  return { ...(by ? { by } : {}), ...(uri ? { uri } : {}) };
}
