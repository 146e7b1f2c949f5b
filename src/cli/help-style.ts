import { Help, type HelpConfiguration, type Option } from 'commander';

/** Headings of flags in `--help`, in this order; the first is the one that commander gives by itself. */
export const FLAG_GROUPS = {
  own: 'Options:',
  plan: 'Options of the plan:',
  common: 'Common options:',
} as const;

/** How `--help` of every command looks, where it is not commander's own way. */
export const helpStyle: HelpConfiguration = {
  /** What a command has for itself comes first, whatever the order in which its flags were made. */
  groupItems(all, visible, groupOf) {
    const groups = Help.prototype.groupItems(all, visible, groupOf);
    const rank = (heading: string) => Object.values<string>(FLAG_GROUPS).indexOf(heading);
    return new Map([...groups].sort(([one], [other]) => rank(one) - rank(other)));
  },
  /** That a switch is off unless given goes without saying. */
  optionDescription: (option: Option) =>
    option.isBoolean() || option.presetArg !== undefined
      ? option.description
      : Help.prototype.optionDescription(option),
};
