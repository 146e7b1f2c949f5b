import forge from 'node-forge';

export const { asn1 } = forge;
export const { Class, Type } = asn1;
export type Asn1 = forge.asn1.Asn1;
type Type = forge.asn1.Type;

/** A context-specific node: constructed from nodes, or primitive from content bytes. */
export function tagged(tag: number, value: string | Asn1[]): Asn1 {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, Array.isArray(value), value);
}

/** SEQUENCE of the nodes. */
export function sequence(...nodes: Asn1[]): Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, nodes);
}

/** A universal, primitive node from its content bytes (as a Latin-1 string, as forge wants them). */
export function primitive(type: Type, bytes: string): Asn1 {
  return asn1.create(Class.UNIVERSAL, type, false, bytes);
}

/** INTEGER from its big-endian content bytes. */
export function integer(bytes: string): Asn1 {
  return primitive(Type.INTEGER, bytes);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function objectId(oid: string): Asn1 {
  return primitive(Type.OID, asn1.oidToDer(oid).getBytes());
}

/** The nodes inside a constructed node; none for any other. */
export function children(node: Asn1 | undefined): Asn1[] {
  return Array.isArray(node?.value) ? node.value : [];
}

/** Reads one node from DER bytes in a Latin-1 string. */
export function fromDer(bytes: string): Asn1 {
  return asn1.fromDer(bytes);
}

/** The DER form. */
export function toDer(node: Asn1): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}
