"""The commands and their flags, as the command line itself has them."""

from __future__ import annotations

from typing import Any

from pagekit.text import code, flowing, markdown, table

__all__ = ["commands", "page"]


def commands() -> dict[str, Any]:
    """Commands by name, as ``kursksim`` offers them."""
    import typer

    from kursksim.cli.app import program

    group: Any = typer.main.get_command(program())
    return dict(sorted(group.commands.items()))


def page() -> str:
    """The whole page."""
    found = commands()
    lines = [
        "# Commands",
        "",
        "What a command takes, from the program itself; `kursksim COMMAND --help` prints the same."
        " Exit status: 0 done, 1 where a check fails, 2 for bad use or bad input (one line on"
        " standard error says what"
        " is wrong), 130 interrupted.",
        "",
        *table(
            ("command", "what it does"),
            ((f"[{n}](#{n})", flowing(c.help or "")[0]) for n, c in found.items()),
        ),
    ]
    for name, command in found.items():
        lines += _section(name, command)
    return "\n".join(lines) + "\n"


def _section(name: str, command: Any) -> list[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join(_usage(a) for a in arguments)
    options = [
        p
        for p in command.params
        if p.param_type_name == "option" and not getattr(p, "hidden", False)
    ]
    rows = [
        (code(", ".join((*o.opts, *o.secondary_opts))), _default(o), markdown(o.help or ""))
        for o in options
    ]
    told = [
        f"- `{a.name.upper()}`: {markdown(a.help)}" for a in arguments if getattr(a, "help", None)
    ]
    return [
        f"## {name}",
        "",
        *flowing(command.help or ""),
        f"    kursksim {name} {usage}".rstrip() + (" [OPTIONS]" if options else ""),
        "",
        *([*told, ""] if told else []),
        *(table(("option", "default", "meaning"), rows) if rows else []),
    ]


def _usage(argument: Any) -> str:
    word = argument.name.upper() + ("..." if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _default(option: Any) -> str:
    value = option.default() if callable(option.default) else option.default
    return "–" if value in (None, False, (), [], "") else code(value)
