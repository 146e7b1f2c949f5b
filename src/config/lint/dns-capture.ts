import type { MeshSource } from '../resolve/mesh-source.js';

/** Whether sidecars answer DNS themselves: then every Service of the mesh resolves in every cluster. */
export function capturesDns({ spec }: MeshSource): boolean {
  const { defaultConfig } = (spec.istio.meshConfig ?? {}) as { defaultConfig?: { proxyMetadata?: unknown } };
  const metadata = (defaultConfig?.proxyMetadata ?? {}) as Record<string, unknown>;
  return String(metadata.ISTIO_META_DNS_CAPTURE) === 'true';
}
