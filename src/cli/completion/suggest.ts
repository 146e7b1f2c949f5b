import type { Command, Option } from 'commander';

/** What may stand where the cursor is. */
export interface Suggestions {
  values: Suggestion[];
  /** Whether the name of a file may stand there as well. */
  files: boolean;
}

export interface Suggestion {
  value: string;
  description?: string;
}

/** Names that only the user's files can tell, by what stands there: `cluster`, `address`, `context`. */
export type NamesOf = (placeholder: string, given: ReadonlyMap<string, string>) => Promise<string[]>;

/** Placeholders of options and arguments that stand for a path, or for a command with arguments of its own. */
const PATHS: ReadonlySet<string> = new Set(['file', 'folder', 'dir', 'planfile', 'command']);

/** Where the words lead: the command, and what of it is given already. */
interface Place {
  command: Command;
  /** Values of options by their attribute name, e.g. `file`. */
  given: Map<string, string>;
  /** The option whose value comes next. */
  awaiting: Option | undefined;
  /** How many arguments the command has already. */
  position: number;
  /** Whether `--` has ended the options. */
  ended: boolean;
}

/**
 * What the last of `words` may become. The words are those after the program's name, as far as the cursor.
 * Everything comes from the program itself, so a new command or flag completes without more work.
 */
export async function suggest(
  program: Command,
  words: readonly string[],
  namesOf: NamesOf,
): Promise<Suggestions> {
  const current = words.at(-1) ?? '';
  const place = words.slice(0, -1).reduce(step, start(program));
  const found = await candidates(place, current, namesOf);
  return { ...found, values: found.values.filter(({ value }) => value.startsWith(current)) };
}

const start = (command: Command): Place => ({
  command,
  given: new Map(),
  awaiting: undefined,
  position: 0,
  ended: false,
});

function step(place: Place, word: string): Place {
  const { command, given, awaiting, position, ended } = place;
  if (awaiting) {
    return { ...place, given: new Map([...given, [awaiting.attributeName(), word]]), awaiting: undefined };
  }
  if (word === '--') return { ...place, ended: true };
  if (!ended && word.startsWith('-')) {
    const [name = '', value] = split(word);
    const option = optionOf(command, name);
    if (!option?.required) return place;
    if (value === undefined) return { ...place, awaiting: option };
    return { ...place, given: new Map([...given, [option.attributeName(), value]]) };
  }
  const child = ended
    ? undefined
    : command.commands.find((item) => [item.name(), ...item.aliases()].includes(word));
  return child ? { ...start(child), given } : { ...place, position: position + 1 };
}

/** `--output=json` → its name and its value. */
function split(word: string): [name: string, value?: string] {
  const index = word.startsWith('--') ? word.indexOf('=') : -1;
  return index < 0 ? [word] : [word.slice(0, index), word.slice(index + 1)];
}

const optionOf = (command: Command, name: string): Option | undefined =>
  command.options.find((option) => option.long === name || option.short === name);

async function candidates(place: Place, current: string, namesOf: NamesOf): Promise<Suggestions> {
  const { command, awaiting, given, ended } = place;
  if (awaiting) return valuesOf(awaiting.flags, awaiting.argChoices, given, namesOf);
  const [name, value] = split(current);
  if (!ended && value !== undefined) {
    const option = optionOf(command, name);
    if (!option?.required) return nothing;
    const { values, files } = await valuesOf(option.flags, option.argChoices, given, namesOf);
    return { values: values.map((item) => ({ ...item, value: `${name}=${item.value}` })), files };
  }
  if (!ended && current.startsWith('-')) return { values: optionsOf(command), files: false };
  const help = command.createHelp();
  const commands = ended
    ? []
    : help.visibleCommands(command).map((item) => ({ value: item.name(), description: item.description() }));
  // After a word that is no command nothing can be right.
  if (commands.length > 0) return place.position === 0 ? { values: commands, files: false } : nothing;
  const all = command.registeredArguments;
  const argument = all[place.position] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  return argument ? valuesOf(`<${argument.name()}>`, argument.argChoices, given, namesOf) : nothing;
}

const nothing: Suggestions = { values: [], files: false };

const optionsOf = (command: Command): Suggestion[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({ value: option.long ?? option.short ?? '', description: option.description }));

async function valuesOf(
  flags: string,
  choices: readonly string[] | undefined,
  given: ReadonlyMap<string, string>,
  namesOf: NamesOf,
): Promise<Suggestions> {
  if (choices) return { values: choices.map((value) => ({ value })), files: false };
  const placeholder = /<([a-z-]+)/.exec(flags)?.[1] ?? '';
  if (PATHS.has(placeholder)) return { values: [], files: true };
  return { values: (await namesOf(placeholder, given)).map((value) => ({ value })), files: false };
}
