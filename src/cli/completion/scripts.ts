import { COMPLETE } from '../called-as.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What a shell loads. The scripts ask `meshplan __complete WORDS…`, whose answer has a line for each value,
 * `VALUE<tab>DESCRIPTION`, and last `:0` where names of files may stand, else `:4`. That is how cobra's
 * programs answer, so kubectl takes it for its plugin as well.
 */
export const completionScript = (shell: Shell): string => SCRIPTS[shell];

/** Without bash-completion, and for the bash 3.2 of macOS: no mapfile, no negative index. */
const bash = `# bash completion for meshplan: source <(meshplan completion bash)
_meshplan() {
  local line=\${COMP_LINE:0:COMP_POINT} words current broken value directive=:4
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=\${words[\${#words[@]}-1]}
  # bash breaks words at = and : and puts only what follows in their place.
  broken=
  [[ $current == *[=:]* ]] && broken=\${current%"\${current##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r value; do
    case $value in
      :[0-9]*) directive=$value ;;
      *) value=\${value%%$'\\t'*}; COMPREPLY+=("\${value#"$broken"}") ;;
    esac
  done < <(meshplan ${COMPLETE} "\${words[@]:1}" 2>/dev/null)
  if [[ $directive != :0 && $(type -t compopt) == builtin ]]; then compopt +o default; fi
}
complete -o default -F _meshplan meshplan
`;

const zsh = `#compdef meshplan
# zsh completion for meshplan: source <(meshplan completion zsh)
_meshplan() {
  local -a lines values
  local line directive
  lines=("\${(@f)$(meshplan ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive=\${lines[-1]}
  for line in "\${(@)lines[1,-2]}"; do
    values+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${(M)line:#*$'\\t'*}:+:\${line#*$'\\t'}}")
  done
  if (( $#values )); then _describe -V meshplan values
  elif [[ $directive == :0 ]]; then _files
  fi
}
if [[ $funcstack[1] == _meshplan ]]; then _meshplan "$@"; else compdef _meshplan meshplan; fi
`;

const fish = `# fish completion for meshplan: meshplan completion fish | source
function __meshplan_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (meshplan ${COMPLETE} $words[2..-1] 2>/dev/null)
  test (count $lines) -gt 1; and printf '%s\\n' $lines[1..-2]
  test "$lines[-1]" = :0; and __fish_complete_path (commandline -ct)
end
complete -c meshplan -f -a '(__meshplan_complete)'
`;

const SCRIPTS: Record<Shell, string> = { bash, zsh, fish };
