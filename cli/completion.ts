// What the shells complete, from the descriptions of the programs: tables of words, written as shell code.

import { flagsOf, type Option, type Options } from './args.ts'
import { isProgram, nameOf, type Entry, type Program } from './program.ts'

/** A word that follows `place` and leads on, such as "config" behind "stctrl". */
interface Step {
  readonly place: string
  readonly word: string
  readonly to: string
  readonly about: string
}

/** All that can be typed at one place, which is a command or a program. */
interface Place {
  readonly name: string
  readonly options: Options
}

/** Everything that can be typed. */
interface Typeable {
  readonly programs: readonly string[]
  readonly steps: readonly Step[]
  readonly places: readonly Place[]
}

/** What can be typed to a program, and to all programs within it. */
function typeableOf(root: Program): Typeable {
  const programs = new Set([root.name])
  const steps: Step[] = []
  const places = new Map<string, Options>()
  const visit = (entry: Entry, name: string, leading: Options): void => {
    if (!name.includes(' ')) programs.add(name)
    if (!isProgram(entry)) {
      places.set(name, entry.options)
      return
    }
    const options = { ...leading, ...entry.leading }
    places.set(name, options)
    for (const [word, next] of Object.entries(entry.commands)) {
      const to = nameOf(name, word, next)
      steps.push({ place: name, word, to, about: next.about })
      visit(next, to, options)
    }
  }
  visit(root, root.name, {})
  return { programs: [...programs], steps, places: [...places].map(([name, options]) => ({ name, options })) }
}

/** Sets `place` and `value` from a word that stands before the one that is being typed; the same in both shells. */
function wordCases({ steps, places }: Typeable): string[] {
  return [
    'case "$place $word" in',
    ...steps.map(({ place, word, to }) => `  ${quote(`${place} ${word}`)}) place=${quote(to)} ;;`),
    ...places.flatMap(({ name, options }) =>
      Object.entries(options)
        .filter(([, { type, positional }]) => type === 'string' && positional !== true)
        .map(([option, description]) => {
          const patterns = flagsOf(option, description).map((flag) => quote(`${name} ${flag}`))
          return `  ${patterns.join(' | ')}) value=${quote(kindOf(description))} ;;`
        }),
    ),
    'esac',
  ]
}

/** What can be typed behind an option, or in the place of FILE. */
function kindOf({ value, words }: Option): string {
  if (words !== undefined) return `WORDS ${words.join(' ')}`
  return value === 'FILE' || value === 'DIR' ? value : 'NONE'
}

function positionalOf(options: Options): string {
  const found = Object.values(options).find(({ positional }) => positional === true)
  return found === undefined ? '' : kindOf(found)
}

/** What every place knows. */
const ALWAYS: readonly (readonly [string, string])[] = [
  ['--help', 'says more'],
  ['--version', 'says which version this is'],
]

/** Flags of a place with what they are for. */
function flagRows(options: Options): (readonly [string, string])[] {
  const own = Object.entries(options)
    .filter(([, { positional }]) => positional !== true)
    .flatMap(([name, option]) => flagsOf(name, option).map((flag) => [flag, option.about] as const))
  return [...own, ...ALWAYS]
}

export function bashCompletion(root: Program): string {
  const typeable = typeableOf(root)
  const places = typeable.places.map(({ name, options }) => {
    const words = typeable.steps.filter(({ place }) => place === name).map(({ word }) => word)
    const flags = flagRows(options).map(([flag]) => flag)
    const kind = positionalOf(options)
    const value = kind === '' ? '' : ` value=${quote(kind)}`
    return `  ${quote(name)}) words=${quote([...words, ...flags].join(' '))}${value} ;;`
  })
  return `# Completion of Offst's programs for bash: source <(offst completion bash)

_offst() {
  local IFS=$' \\t\\n' place="\${COMP_WORDS[0]##*/}" current="\${COMP_WORDS[COMP_CWORD]}" value='' words='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ $word == '=' ]] && continue
    if [[ -n $value ]]; then value=''; continue; fi
${indent(wordCases(typeable), 4)}
  done
  [[ $current == '=' ]] && current=''
  if [[ -z $value ]]; then
${indent(['case "$place" in', ...places, 'esac'], 4)}
  fi
  case "$value" in
    'WORDS '*) words="$words \${value#WORDS }" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  IFS=$'\\n'
  case "$value" in
    FILE) COMPREPLY+=($(compgen -f -- "$current")); compopt -o filenames 2>/dev/null ;;
    DIR) COMPREPLY+=($(compgen -d -- "$current")); compopt -o filenames 2>/dev/null ;;
  esac
}
complete -F _offst ${typeable.programs.join(' ')}`
}

export function zshCompletion(root: Program): string {
  const typeable = typeableOf(root)
  const list = (rows: readonly (readonly [string, string])[]): string =>
    rows.map(([word, about]) => quote(`${word}:${about}`)).join(' ')
  const places = typeable.places.map(({ name, options }) => {
    const words = typeable.steps.filter(({ place }) => place === name)
    const kind = positionalOf(options)
    const value = kind === '' ? '' : ` value=${quote(kind)}`
    const commands = list(words.map(({ word, about }) => [word, about]))
    return `  ${quote(name)}) commands=(${commands}) flags=(${list(flagRows(options))})${value} ;;`
  })
  const programs = typeable.programs.join(' ')
  return `#compdef ${programs}
# Completion of Offst's programs for zsh: source <(offst completion zsh)

_offst() {
  local place="\${words[1]:t}" value='' word i
  local -a commands flags
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $value ]]; then value=''; continue; fi
${indent(wordCases(typeable), 4)}
  done
  if [[ -z $value ]]; then
${indent(['case "$place" in', ...places, 'esac'], 4)}
    (( $#commands )) && _describe -t commands command commands
    _describe -o -t options option flags
  fi
  case "$value" in
    FILE) _files ;;
    DIR) _files -/ ;;
    'WORDS '*) compadd -- \${=value#WORDS } ;;
  esac
}

if [[ "\${funcstack[1]}" == _offst ]]; then _offst "$@"; else compdef _offst ${programs}; fi`
}

function indent(lines: readonly string[], columns: number): string {
  return lines.map((line) => ' '.repeat(columns) + line).join('\n')
}

/** One word for the shell, whatever it holds. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
