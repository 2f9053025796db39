#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The completions of bash, zsh and fish, made of the option table that completions/dump prints.

    dump | generate.py bash|zsh|fish
"""
import sys

FILES = ("FILE", "FMT[:FILE]", "PATH")


def rows():
    for line in sys.stdin:
        letter, name, arg, metavar, text = line.rstrip("\n").split("\t")
        yield letter, name, arg, metavar, text


def words(metavar):
    """auto|always|never -> its words; none for anything else."""
    return metavar.split("|") if "|" in metavar and metavar == metavar.lower() else []


def bash(table):
    print("# bash completion for cmsgtrace; made by completions/generate.py from the option table")
    print("_cmsgtrace()\n{")
    print("\tlocal cur prev words cword")
    print("\t_init_completion -n = || return")
    print("\tlocal i")
    print("\tfor ((i = 1; i < cword; i++)); do")
    print("\t\tcase ${words[i]} in")
    needed = sorted("-" + letter for letter, _, arg, _, _ in table if letter and arg == "needed")
    print(f"\t\t{' | '.join(needed)}) ((i++)) ;;")
    print("\t\t-*) ;;")
    print("\t\t*)\n\t\t\t_command_offset $i\n\t\t\treturn\n\t\t\t;;")
    print("\t\tesac\n\tdone")
    print("\tcase $prev in")
    files = sorted("-" + l for l, _, _, m, _ in table if l and m in FILES)
    print(f"\t{' | '.join(files)})\n\t\t_filedir\n\t\treturn\n\t\t;;")
    print("\t-p)\n\t\t_pids\n\t\treturn\n\t\t;;")
    print("\t-u)\n\t\tCOMPREPLY=($(compgen -u -- \"$cur\"))\n\t\treturn\n\t\t;;")
    print("\tesac\n\tcase $cur in")
    for _, name, arg, metavar, _ in table:
        choice = words(metavar)
        if choice:
            print(f"\t--{name}=*)\n\t\tCOMPREPLY=($(compgen -W '{' '.join(choice)}' -- \"${{cur#*=}}\"))\n\t\treturn\n\t\t;;")
        elif arg != "none" and metavar in FILES:
            print(f"\t--{name}=*)\n\t\tcur=${{cur#*=}}\n\t\t_filedir\n\t\treturn\n\t\t;;")
    print("\t-*)")
    longs = " ".join(f"--{n}=" if a == "needed" else f"--{n}" for _, n, a, _, _ in table)
    shorts = " ".join(f"-{l}" for l, _, _, _, _ in table if l)
    print(f"\t\tCOMPREPLY=($(compgen -W '{shorts} {longs}' -- \"$cur\"))")
    print("\t\t[[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n\t\treturn\n\t\t;;")
    print("\tesac\n\t_command_offset $cword\n}\ncomplete -F _cmsgtrace cmsgtrace")


def zsh(table):
    print("#compdef cmsgtrace\n# made by completions/generate.py from the option table\n_arguments -s -S \\")
    for letter, name, arg, metavar, text in table:
        text = text.replace("\\", "\\\\").replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
        choice = words(metavar)
        action = f"({' '.join(choice)})" if choice else "_files" if metavar in FILES else \
            "_pids" if metavar.startswith("PID") else "_users" if letter == "u" else " "
        value = "" if arg == "none" else f":{metavar.split('[')[0].lower()}:{action}"
        optional = ":" if arg == "optional" else ""
        if letter:
            print(f"\t'*-{letter}[{text}]{value if arg == 'needed' else ''}' \\")
        sign = "" if arg == "none" else "=" if arg == "needed" else "=-"
        print(f"\t'*--{name}{sign}[{text}]{optional}{value}' \\")
    print("\t'(-)1:command:_command_names -e' \\\n\t'*::arguments:_normal'")


def fish(table):
    print("# fish completion for cmsgtrace; made by completions/generate.py from the option table")
    print("complete -c cmsgtrace -n '__fish_is_first_token' -a '(__fish_complete_subcommand)'")
    for letter, name, arg, metavar, text in table:
        text = text.replace("\\", "\\\\").replace("'", "\\'")
        line = "complete -c cmsgtrace" + (f" -s {letter}" if letter else "") + f" -l {name}"
        if arg == "needed":
            line += " -r" if metavar in FILES else " -x"
        elif words(metavar):
            line += " -f"
        if words(metavar):
            line += f" -a '{' '.join(words(metavar))}'"
        elif metavar.startswith("PID"):
            line += " -a '(__fish_complete_pids)'"
        elif letter == "u":
            line += " -a '(__fish_complete_users)'"
        print(f"{line} -d '{text}'")


if __name__ == "__main__":
    {"bash": bash, "zsh": zsh, "fish": fish}[sys.argv[1]](list(rows()))
