"""Whether a vendor is asked now: it must be set up, and its flag must be on."""

import structlog

from ports.flags import FeatureFlags, Flag, FlagSource

log = structlog.get_logger(__name__)


class VendorSwitch:
    """A flag that asks for a vendor without settings is told once, not at every call."""

    def __init__(self, flags: FeatureFlags, flag: Flag, *, is_set_up: bool) -> None:
        self._flags = flags
        self._flag = flag
        self._is_set_up = is_set_up
        self._is_told = False

    def is_on(self) -> bool:
        reading = self._flags.read(self._flag)
        if not reading.is_on:
            return False
        if not self._is_set_up and reading.source is not FlagSource.DEFAULT and not self._is_told:
            self._is_told = True
            log.warning("flag_without_vendor", flag=self._flag.key)
        return self._is_set_up
