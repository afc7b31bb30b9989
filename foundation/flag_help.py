"""The text of --help: what a command does, and every flag it takes, in groups."""

import re
import shutil
import textwrap

from absl import flags

_FLAGFILE = ["  --flagfile=", "      File with one flag a line, as those of configs/."]
# Titles of groups, each with the number of flags that were defined before it.
_GROUPS: list[tuple[int, str]] = []


def group(title: str) -> None:
    """Begins a group: the flags that are defined after this stand below its title."""
    _GROUPS.append((len(_defined()), title))


def groups() -> dict[str, list[flags.Flag]]:
    """Returns the flags of the command at hand, by the titles of their groups."""
    defined = _defined()
    if not _GROUPS:
        own = flags.FLAGS.get_key_flags_for_module("__main__")
        return {"Flags": [flag for flag in defined if flag in own]}
    ends = [start for start, _ in _GROUPS[1:]] + [len(defined)]
    return {
        title: defined[start:end]
        for (start, title), end in zip(_GROUPS, ends, strict=True)
    }


def help_text(description: str) -> str:
    """Returns a description, and below it all flags with defaults and meanings."""
    width = max(60, min(shutil.get_terminal_size().columns, 100))
    lines = [description.strip()]
    for title, members in groups().items():
        if members:
            lines += ["", f"{title}:"]
            for flag in members:
                lines += _lines_of(flag, width)
    debug = _lines_of(flags.FLAGS["debug"], width)
    return "\n".join([*lines, "", "General:", *_FLAGFILE, *debug])


def _defined() -> list[flags.Flag]:
    # A flag with a short name is there twice.
    found = dict.fromkeys(
        flag for name, flag in flags.FLAGS._flags().items() if name == flag.name
    )
    return list(found)


def _lines_of(flag: flags.Flag, width: int) -> list[str]:
    text = flag.help or ""
    shown = f"--{flag.name}={_default(flag)}"
    if flag.boolean:
        shown = f"--[no]{flag.name}"
        text += f" Default: {'on' if flag.default else 'off'}."
    elif isinstance(flag, flags.EnumFlag):
        text = text.partition(">: ")[2]  # absl puts the choices before it
        text += f" One of: {', '.join(flag.parser.enum_values)}."
    elif isinstance(flag, flags.MultiFlag):
        text = re.split(r";\s+repeat this option", text)[0]  # absl adds it
    if _required(flag):
        text += " Required."
    indented = textwrap.wrap(
        text, width, initial_indent=" " * 6, subsequent_indent=" " * 6
    )
    return [f"  {shown}", *indented]


def _default(flag: flags.Flag) -> str:
    value = flag.default
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _required(flag: flags.Flag) -> bool:
    validators = getattr(flag, "validators", [])
    return any("must have a value" in str(v.message) for v in validators)
