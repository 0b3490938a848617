"""How every process logs: set up once, for our own words and for those of every library.

A line of JSON for each event on standard error, or readable lines where a person watches. A failure is told
by its type and its places in the code: never with local variables, and with its text only where that is ours.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.types import ExcInfo, Processor

from entrypoints.redaction import redact

_ROOT: Final = Path(__file__).resolve().parents[1]
_OURS: Final = frozenset({"domain", "ports", "application", "adapters", "entrypoints"})
# What these say below WARNING is a line for every call or table, some with addresses in it.
_QUIET: Final = ("httpx", "httpcore", "stripe", "asyncio", "alembic")
_MOST_CAUSES: Final = 5

log = structlog.get_logger(__name__)


def configure(stream: TextIO | None = None) -> None:
    """Everything that is logged in this process goes to the stream (None: standard error) from now on.

    Repeating it is harmless.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    rendered = structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _first_line_of_asyncio,
                _failure_without_locals,
                redact,
                rendered,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _crashed
    threading.excepthook = lambda crash: _crashed(
        crash.exc_type, crash.exc_value or crash.exc_type(), crash.exc_traceback
    )


def failure_of(error: BaseException, depth: int = 0) -> dict[str, Any]:
    """What is told of an error: its type, the notes that we put on it, where it happened, what caused it."""
    told: dict[str, Any] = {"type": type(error).__qualname__, "at": _places(error.__traceback__)}
    if type(error).__module__.partition(".")[0] in _OURS or isinstance(error, OSError):
        told["text"] = str(error)
    if notes := getattr(error, "__notes__", None):
        told["notes"] = list(notes)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < _MOST_CAUSES:
        told["caused_by"] = failure_of(cause, depth + 1)
    if isinstance(error, BaseExceptionGroup) and depth < _MOST_CAUSES:
        told["within"] = [failure_of(each, depth + 1) for each in error.exceptions]
    return told


def _failure_without_locals(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    error = _error_of(exc_info=event.pop("exc_info", None))
    event.pop("stack_info", None)
    if error is not None:
        event["failure"] = failure_of(error)
    return event


def _error_of(*, exc_info: ExcInfo | BaseException | bool | None) -> BaseException | None:
    match exc_info:
        case BaseException():
            return exc_info
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exc_info()[1]
        case _:
            return None


def _places(traceback: TracebackType | None) -> list[str]:
    """`application/sweep.py:52 __call__`, outermost first."""
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        path = Path(code.co_filename)
        shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(*path.parts[-2:])
        places.append(f"{shown}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places


def _first_line_of_asyncio(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """asyncio's further lines show objects and errors as they are."""
    if event.get("logger") == "asyncio":
        event["event"] = str(event.get("event", "")).partition("\n")[0]
    return event


def _crashed(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    log.critical("crashed", exc_info=error)
