/** Draws what `graphToDot` wrote, with Graphviz compiled to WebAssembly: nothing has to be installed. */
export async function dotToSvg(dot: string): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  return graphviz.dot(dot, 'svg');
}
