"""The log of a process: JSON lines, whoever speaks, and nothing in them that must not be told."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Final

import pytest

from entrypoints.redaction import REDACTED, redact, scrubbed

ROOT: Final = Path(__file__).parents[2]
# Every value that must not get out carries this mark, or is one of the shapes below.
MARK: Final = "marked0data"
CARD: Final = "4242 4242 4242 4242"


def logged_by(program: str) -> list[dict[str, Any]]:
    """What a process of its own logs when it runs this; loggers can't be set up twice in one."""
    setup = "import logging, structlog\nfrom entrypoints.logs import configure\nconfigure()\n"
    done = subprocess.run(
        [sys.executable, "-c", setup + textwrap.dedent(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stdout == ""
    assert MARK not in done.stderr, done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_our_words_and_those_of_libraries_look_alike() -> None:
    ours, dramatiqs, uvicorns = logged_by(
        """
        structlog.get_logger("entrypoints.worker").info("order_advanced", order_id="ord_1", tries=2)
        logging.getLogger("dramatiq.worker.Worker").warning("Failed %s", "ord_1")
        logging.getLogger("uvicorn.error").error("Shutting down")
        """
    )
    assert {
        "event": "order_advanced",
        "order_id": "ord_1",
        "tries": 2,
        "level": "info",
    }.items() <= ours.items()
    assert (dramatiqs["event"], dramatiqs["logger"]) == ("Failed ord_1", "dramatiq.worker.Worker")
    assert (uvicorns["event"], uvicorns["level"]) == ("Shutting down", "error")
    assert all(line["timestamp"].endswith("Z") for line in (ours, dramatiqs, uvicorns))


def test_what_libraries_say_of_every_call_is_not_logged() -> None:
    assert not logged_by(
        f"""
        logging.getLogger("httpx").info("GET https://places.example?q={MARK}")
        logging.getLogger("stripe").info("body {MARK}")
        logging.getLogger("anything").debug("{MARK}")
        structlog.get_logger().debug("{MARK}")
        """
    )


def test_a_failure_is_told_by_type_and_place_without_locals_or_foreign_text() -> None:
    (line,) = logged_by(
        f"""
        from ports.errors import Unavailable
        def pays(card):
            raise ValueError("{MARK}") from Unavailable("refused")
        try:
            pays("{MARK}")
        except ValueError as error:
            error.add_note("ord_1")
            structlog.get_logger().exception("work_failed")
        """
    )
    failure = line["failure"]
    assert (failure["type"], failure["notes"]) == ("ValueError", ["ord_1"])
    assert "text" not in failure
    assert failure["at"][-1].endswith(" pays")
    assert (failure["caused_by"]["type"], failure["caused_by"]["text"]) == ("Unavailable", "refused")


@pytest.mark.parametrize(
    "program",
    [
        # A dramatiq worker's own way to tell of an actor that failed.
        "logging.getLogger('dramatiq').error('Failed', exc_info=True)",
        "structlog.get_logger().error('failed', exc_info=error)",
        "structlog.get_logger().exception('failed')",
    ],
)
def test_every_way_to_log_a_failure_is_as_careful(program: str) -> None:
    (line,) = logged_by(f"try:\n    int('{MARK}')\nexcept ValueError as error:\n    {program}\n")
    assert line["failure"]["type"] == "ValueError"


def test_failures_that_nobody_catches_are_logged_as_well() -> None:
    in_thread, in_task, in_process = logged_by(
        f"""
        import asyncio, gc, threading
        def fails():
            raise RuntimeError("{MARK}")
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()
        async def forgets():
            task = asyncio.ensure_future(asyncio.to_thread(fails))
            await asyncio.wait([task])
        asyncio.run(forgets())
        gc.collect()
        fails()
        """
    )
    assert in_thread["event"] == in_process["event"] == "crashed"
    assert in_task["event"] == "Task exception was never retrieved"
    assert {line["failure"]["type"] for line in (in_thread, in_task, in_process)} == {"RuntimeError"}


def test_a_person_at_a_terminal_gets_readable_lines() -> None:
    program = f"""
        import io, structlog
        from entrypoints.logs import configure
        class Terminal(io.StringIO):
            def isatty(self):
                return True
        terminal = Terminal()
        configure(terminal)
        structlog.get_logger().info("order_advanced", email="{MARK}", order_id="ord_1")
        print(terminal.getvalue())
    """
    lines = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    assert "order_advanced" in lines
    assert "{" not in lines
    assert MARK not in lines


class Customer:
    def __repr__(self) -> str:
        return MARK


@pytest.mark.parametrize(
    "key",
    [
        *("email", "customer_email", "name", "full_name", "phone", "shipping_address", "postcode", "city"),
        *(
            "card_number",
            "cvc",
            "iban",
            "client_secret",
            "Authorization",
            "api_key",
            "Client-Token",
            "cookie",
        ),
        *("password", "database_url", "body", "headers", "to", "Idempotency-Key-Secret", "stripe_signature"),
        *("adyen_hmac_keys", "hmac_keys", "X-Hmac"),
    ],
)
def test_what_must_not_be_told_is_known_by_its_key(key: str) -> None:
    for event in ({key: MARK}, {"order": {key: MARK}}, {"orders": [{key: {"value": MARK}}]}, {key: [MARK]}):
        told = redact(None, "info", dict(event))
        assert MARK not in str(told)
        assert REDACTED in str(told)


@pytest.mark.parametrize(
    "value", [Customer(), [Customer()], {"who": Customer()}, MARK.encode(), {1: (Customer(),)}]
)
def test_an_object_is_told_by_its_kind_only(value: object) -> None:
    assert MARK not in str(redact(None, "info", {"who": value}))


@pytest.mark.parametrize(
    "secret",
    [
        *("erika.muster+1@mail.example.com", CARD, CARD.replace(" ", ""), CARD.replace(" ", "-")),
        *("sk_live_51Habc", "sk_test_1", "rk_live_x", "whsec_abc", "pi_1_secret_abc", "SG.aaa.bbb"),
        "AIzaSyA-1_x",
        # Adyen's keys, an API's as it may look and one for webhooks in either case.
        "AQEyhmfxK4PJahZCw0m/n3Q5qf3VaY9U+xBw==-JtQ5H0iXtu8rqQMD6i/b33gf2qZeGKG=-3ww{cj~gB;K%Z8",
        *("AQE_sandbox", "4A" * 32, "9f" * 32),
        *("fc_sk_9x-_", "Bearer abc.def", "basic dXNlcg==", "+49 (30) 123-456 78"),
    ],
)
def test_what_must_not_be_told_is_known_by_its_shape(secret: str) -> None:
    text = scrubbed(f"it said {secret!r}, twice: {secret}.")
    assert secret not in text
    assert text.count(REDACTED) == 2


def test_a_key_in_a_url_is_taken_out() -> None:
    assert (
        scrubbed("https://maps.example/json?key=abc&x=1") == f"https://maps.example/json?key={REDACTED}&x=1"
    )


def test_a_login_in_a_url_is_taken_out() -> None:
    assert scrubbed("postgresql://shop:pa5s@db:5432/shop") == f"postgresql://{REDACTED}@db:5432/shop"


@pytest.mark.parametrize(
    "harmless",
    [
        *("ord_01kdwpvng0e000000000000003", "2026-11-23T12:00:00Z", "12345678901234", "127.0.0.1:5432"),
        *("evt_1", "0001_the_first_tables.py:20 upgrade", "payment_intent.succeeded", "1.5 s"),
        *("8816178952380553", "0af7651916cd43dd8448eb211c80319c", "AQUA-1"),
    ],
)
def test_what_operators_need_stays(harmless: str) -> None:
    assert redact(None, "info", {"event": harmless}) == {"event": harmless}
