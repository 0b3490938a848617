"""Flags by OpenFeature: the environment is asked first, then the file, then the stated default holds."""

import asyncio
from itertools import count
from typing import Final

import structlog
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.exception import ErrorCode

from adapters.flags.definitions import Definition, Definitions, problems_in
from adapters.flags.file import FlagFile
from adapters.flags.provider import DefinitionsProvider, context_of
from ports.clock import Clock
from ports.flags import EVERYBODY, Flag, FlagReading, FlagSource, FlagSubject

log = structlog.get_logger(__name__)
_LOOKS_EVERY_SECONDS: Final = 1
# OpenFeature keeps providers by domain for the whole process; each set of flags has domains of its own.
_domains: Final = count(1)


class OpenFeatureFlags:
    """Implements `ports.flags.FeatureFlags`. Nothing is read from disk while somebody asks.

    A flag without rules is the same for everybody, so its reading is kept until the file changes.
    """

    def __init__(self, environment: Definitions, file: Definitions | None = None) -> None:
        self._providers = {
            FlagSource.ENVIRONMENT: DefinitionsProvider("environment", environment),
            FlagSource.FILE: DefinitionsProvider("file", file or {}),
        }
        self._clients = {source: _client(provider) for source, provider in self._providers.items()}
        self._kept: dict[Flag, FlagReading] = {}

    def read(self, flag: Flag, subject: FlagSubject = EVERYBODY) -> FlagReading:
        if (kept := self._kept.get(flag)) is not None:
            return kept
        reading = self._evaluated(flag, subject)
        if not reading.varies:
            self._kept[flag] = reading
        return reading

    async def read_again(self, file: FlagFile) -> None:
        """Takes what the file says now, if it changed; the disk is waited for off the event loop."""
        definitions = await asyncio.to_thread(file.read_if_changed)
        if definitions is None:
            return
        self._providers[FlagSource.FILE].definitions = definitions
        self._kept.clear()
        log.info("flags_read", source=FlagSource.FILE.value)
        tell_problems(FlagSource.FILE, definitions)

    async def keep_reading(self, file: FlagFile, clock: Clock) -> None:
        """Looks at the file every second until it is cancelled."""
        while True:
            await clock.sleep(_LOOKS_EVERY_SECONDS)
            await self.read_again(file)

    def _evaluated(self, flag: Flag, subject: FlagSubject) -> FlagReading:
        problem, context, varies = None, context_of(subject), False
        for source, client in self._clients.items():
            definition = self._providers[source].definitions.get(flag.key)
            varies = varies or (isinstance(definition, Definition) and bool(definition.rules))
            details = client.get_string_details(flag.key, flag.default, context)
            if details.error_code is None:
                return FlagReading(value=details.value, source=source, problem=problem, varies=varies)
            if details.error_code is not ErrorCode.FLAG_NOT_FOUND:
                problem = problem or f"{source.value}: {details.error_message}"
        return FlagReading(value=flag.default, source=FlagSource.DEFAULT, problem=problem, varies=varies)


def _client(provider: DefinitionsProvider) -> OpenFeatureClient:
    domain = f"fastcart-{next(_domains)}"
    api.set_provider_and_wait(provider, domain)
    return api.get_client(domain)


def tell_problems(source: FlagSource, definitions: Definitions) -> None:
    """Logs what is wrong when it is read, not each time that it is asked for."""
    for problem, names in problems_in(definitions).items():
        log.warning("flag_unreadable", source=source.value, problem=problem, flags=names)
