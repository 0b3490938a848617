"""How a handler gets the simulated world."""

from typing import TypeAlias

from litestar.di import NamedDependency

from entrypoints.sandbox.world import World

TheWorld: TypeAlias = NamedDependency[World]
