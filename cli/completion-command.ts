// `offst completion`: the script by which a shell completes the commands, options and files of all programs.

import { bashCompletion, zshCompletion } from './completion.ts'
import { command, type Command, type Program } from './program.ts'
import { EXIT } from './terminal.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion } as const

/** @param root tells the program to complete, which holds this command itself. */
export function completion(root: () => Program): Command {
  return command({
    about: 'prints what makes a shell complete commands, options and files',
    options: {
      shell: {
        type: 'string',
        positional: true,
        required: true,
        value: 'SHELL',
        words: Object.keys(SHELLS),
        about: 'bash or zsh',
      },
    },
    examples: ['offst completion bash > ~/.local/share/bash-completion/completions/offst'],
    notes: ['Or put into ~/.bashrc: source <(offst completion bash); for zsh the same into ~/.zshrc.'],
    run: ({ shell }, terminal) => {
      if (shell !== 'bash' && shell !== 'zsh') {
        terminal.error(`There is no completion for "${shell}": use one of bash, zsh.`)
        return Promise.resolve(EXIT.usage)
      }
      terminal.out(SHELLS[shell](root()))
      return Promise.resolve(EXIT.ok)
    },
  })
}
