/** Whether a host as an Istio rule of a namespace writes it, short names and leading `*` included, covers a full one. */
export function coversHost(written: string, namespace: string, host: string): boolean {
  if (written === '*') return true;
  if (written.startsWith('*.')) return host.endsWith(written.slice(1));
  if (written === host) return true;
  const [name = '', home = namespace, ...rest] = written.split('.');
  const isShort = rest.length === 0 || (rest.length === 1 && rest[0] === 'svc');
  return isShort && host === `${name}.${home}.svc.cluster.local`;
}
