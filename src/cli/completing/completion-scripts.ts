export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The hidden command that the scripts ask. */
export const COMPLETE = '__complete';
/** The answer that says: names of files. */
export const FILES = ':files';

/**
 * The script of a shell. It knows nothing of our commands: it hands on the words that stand there and
 * offers what it is answered, a candidate on a line, what it means behind a tab.
 * @param command the words that call `vend`
 */
export function completionScript(shell: Shell, command: readonly string[]): string {
  const ask = [...command.map(quoted), COMPLETE, shell].join(' ');
  switch (shell) {
    case 'bash':
      return bash(ask);
    case 'zsh':
      return zsh(ask);
    case 'fish':
      return fish(ask);
  }
}

/** For all three shells. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

// Runs in the bash 3.2 of macOS, too, where compopt is missing; needs no bash-completion.
function bash(ask: string): string {
  return `# bash completion of vend
_vend() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line value
  COMPREPLY=()
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    if [ "$value" = '${FILES}' ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${current#=}")
      return
    fi
    case "$value" in *=) compopt -o nospace 2>/dev/null ;; esac
    COMPREPLY+=("$value")
  done < <(${ask} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _vend vend`;
}

function zsh(ask: string): string {
  return `#compdef vend
# zsh completion of vend
_vend() {
  local line value
  local -a whole open
  for line in "\${(@f)$(${ask} "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    value="\${line%%$'\\t'*}"
    if [[ "$value" == '${FILES}' ]]; then
      compset -P '*='
      _files
      return
    fi
    [[ -n "$value" ]] || continue
    [[ "$line" == *$'\\t'* ]] && line=":\${line#*$'\\t'}" || line=''
    line="\${value//:/\\\\:}$line"
    if [[ "$value" == *= ]]; then open+=("$line"); else whole+=("$line"); fi
  done
  local result=1
  (( $#whole )) && _describe vend whole && result=0
  (( $#open )) && _describe vend open -S '' && result=0
  return result
}
if [ "$funcstack[1]" = "_vend" ]; then
  _vend "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _vend vend
fi`;
}

function fish(ask: string): string {
  return `# fish completion of vend
function __vend_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    for line in (${ask} $words "$current" 2>/dev/null)
        if test "$line" = '${FILES}'
            set -l flag (string match -r '^--[\\w-]+=' -- "$current")
            for path in (__fish_complete_path (string replace -- "$flag" '' "$current"))
                echo "$flag$path"
            end
        else
            echo $line
        end
    end
end
complete -c vend -f -a '(__vend_complete)'`;
}
