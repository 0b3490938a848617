"""`fastcart flags`: what each flag means now, and why."""

import sys
from collections.abc import Mapping

from rich.table import Table

from adapters.flags.definitions import Definitions, from_environment, problems_in
from adapters.flags.feature_flags import OpenFeatureFlags
from adapters.flags.file import FlagFile
from entrypoints.cli.screens import screen
from entrypoints.settings import flag_settings_from
from ports.flags import Flag, FlagReading


def list_flags(environment: Mapping[str, str]) -> None:
    """Raises SystemExit when something can't be read; the flags are listed all the same."""
    settings = flag_settings_from(environment)
    said = from_environment(settings.values)
    file = (FlagFile(settings.file).read_if_changed() if settings.file else None) or {}
    flags = OpenFeatureFlags(said, file)
    table = Table("flag", "value", "said by", "decides", box=None, pad_edge=False)
    for flag in Flag:
        reading = flags.read(flag)
        table.add_row(flag.key, _worded(reading), reading.source.value, flag.decides)
    screen().print(table)
    if problems := [*_problems("environment", said), *_problems("file", file)]:
        print("\n".join(problems), file=sys.stderr)
        raise SystemExit(1)


def _worded(reading: FlagReading) -> str:
    return f"{reading.value}, others by rule" if reading.varies else reading.value


def _problems(source: str, definitions: Definitions) -> list[str]:
    return [f"{source}: {', '.join(keys)}: {why}" for why, keys in problems_in(definitions).items()]
