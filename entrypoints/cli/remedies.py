"""A command line that can't be understood is answered with what is wrong and where to read on."""

from cyclopts import CycloptsError, CycloptsPanel
from rich.console import Group, RenderableType


def with_remedy(error: CycloptsError) -> RenderableType:
    """The error, and the help that explains the command it was about."""
    command = " ".join(("fastcart", *(error.command_chain or ()), "--help"))
    return Group(CycloptsPanel(error), f"Try `{command}`.")
