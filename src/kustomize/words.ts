/**
 * What kustomize says where it fails, without the frame in which some builds of kubectl log it, and without what
 * is in the user's objects: kustomize quotes whole Secrets, patches and values of generators.
 */
export function wordsOf(stderr: string): string {
  const words = unframed(stderr.trim().replace(/^error: /i, ''));
  return CONTENTS.reduce((text, [contents, instead]) => text.replace(contents, instead), words).trim();
}

function unframed(text: string): string {
  const logged = /^E\d{4} .*\] "command failed" err=(.*)$/s.exec(text)?.[1];
  if (logged === undefined) return text;
  if (/^"(?:[^"\\]|\\.)*"$/.test(logged)) return String(JSON.parse(logged));
  // klog's form of texts with several lines.
  const lines = /^<\n(.*)\n >$/s.exec(logged)?.[1];
  return lines?.replace(/^\t/gm, '') ?? logged;
}

/** Where kustomize 5 quotes (`api/kv/kv.go`, `api/internal/target`, `api/resmap`, `kyaml/fieldpath`), and what stands instead. */
const CONTENTS: [RegExp, (text: string) => string][] = [
  [
    /literal sources \[.*\]: invalid literal source .*, expected key=value/s,
    () => 'a literal source is not KEY=VALUE',
  ],
  [/line \[[\d ]*\] has invalid utf8 bytes.*/s, () => 'a line is not UTF-8'],
  [/ with config: `\n.*\n`(?=:|$)/s, () => ''],
  [/ from \[patch: ".*"\]/s, () => ''],
  [/:? node contents:\n.*/s, () => ''],
  [/\[?\{"apiVersion":.*\}\]?/s, namesIn],
];

/** The objects of a text in JSON, whose keys are in order. */
function namesIn(json: string): string {
  const found = json.matchAll(/"kind":"(\w+)","metadata":\{.*?"name":"([^"]+)"/gs);
  return [...found].map(([, kind, name]) => `${kind} ${name}`).join(', ') || 'an object';
}
