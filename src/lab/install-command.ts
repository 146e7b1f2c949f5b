/** What a program's package is called, by package manager. */
export interface Packages {
  apt: string;
  dnf: string;
  apk: string;
}

const MANAGERS: Record<keyof Packages, { systems: string[]; command: string }> = {
  apt: { systems: ['debian', 'ubuntu'], command: 'apt-get install -y' },
  dnf: { systems: ['fedora', 'rhel', 'centos'], command: 'dnf install -y' },
  apk: { systems: ['alpine'], command: 'apk add' },
};

/**
 * The command that installs the packages, by the text of /etc/os-release (os-release(5));
 * undefined on a system whose package names are not known.
 */
export function installCommand(osRelease: string, packages: Packages[], isRoot: boolean): string | undefined {
  const ids = ['ID', 'ID_LIKE'].flatMap((key) => fieldOf(osRelease, key).split(' '));
  const managers = Object.keys(MANAGERS) as (keyof Packages)[];
  const manager = managers.find((key) => MANAGERS[key].systems.some((system) => ids.includes(system)));
  if (manager === undefined) return undefined;
  const names = [...new Set(packages.map((item) => item[manager]))];
  return `${isRoot ? '' : 'sudo '}${MANAGERS[manager].command} ${names.join(' ')}`;
}

function fieldOf(osRelease: string, key: string): string {
  const line = osRelease.split('\n').find((item) => item.startsWith(`${key}=`)) ?? '';
  return line.slice(key.length + 1).replace(/^["']|["']$/g, '');
}
