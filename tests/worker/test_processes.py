"""Real processes that are killed, wiped, told to end and run side by side: every order ends all the same."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
from redis import Redis

from entrypoints.embedded.server import Server
from entrypoints.worker.app import FINISHES_WITHIN_SECONDS
from tests.worker.service import Service

# The promise for what a killed worker had in hand.
COMES_BACK_WITHIN_SECONDS = 30


def assert_clean(service: Service) -> None:
    """Every line of every log is one of ours, none tells of a defect or of a person."""
    logged = service.logged()
    assert "marked0data" not in logged.lower()
    lines = [json.loads(line) for line in logged.splitlines()]
    assert not [line for line in lines if line["level"] == "critical"], logged
    assert not [line for line in lines if line["event"] in ("crashed", "work_failed")], logged


def test_what_a_killed_worker_had_in_hand_is_done_by_another_within_30_seconds(service: Service) -> None:
    service.begin("api")
    killed = service.begin("worker")
    order = service.buy(service.stock_up())
    service.fault("payment_intents.retrieve", kind="delay", delay_ms=9_000)
    service.confirm_at_bank(order)
    assert service.until(service.faults_fired, lambda fired: fired == 1) == 1
    service.begin("worker")
    killed.kill()
    died_at = time.monotonic()
    service.wait_until_paid(order)
    assert time.monotonic() - died_at < COMES_BACK_WITHIN_SECONDS
    service.wait_for_confirmation(order)
    assert_clean(service)


def test_with_valkey_wiped_or_gone_every_order_still_ends(service: Service, valkey: Server) -> None:
    service.begin("api")
    service.begin("worker")
    sku = service.stock_up()
    orders = [service.buy(sku) for _ in range(6)]
    for order in orders[:3]:
        service.confirm_at_bank(order)
        with Redis.from_url(valkey.url) as redis:
            redis.flushall()
    service.wait_until_paid(*orders[:3])
    valkey.kill()
    for order in orders[3:]:
        service.confirm_at_bank(order)
    service.wait_until_paid(*orders[3:])
    orders.append(service.buy(sku, "pm_card_visa"))
    service.wait_until_paid(orders[-1])
    assert service.ask("GET", "/health/ready") == {"status": "degraded", "failing": ["redis"]}
    service.wait_for_confirmation(*orders)
    valkey.start()
    assert service.until(lambda: service.ask("GET", "/health/ready")["status"], lambda s: s == "ok") == "ok"


def test_a_worker_starts_and_works_while_valkey_is_away(service: Service, valkey: Server) -> None:
    valkey.kill()
    service.begin("api")
    worker = service.begin("worker")
    order = service.buy(service.stock_up())
    service.confirm_at_bank(order)
    service.wait_until_paid(order)
    service.wait_for_confirmation(order)
    assert service.end(worker) < 27


def test_the_api_process_alone_is_a_whole_shop(service: Service) -> None:
    api = service.begin("api", FASTCART_WORKER="embedded", REDIS_URL="", FASTCART_SWEEP_INTERVAL_MS="60000")
    sku = service.stock_up()
    orders = [service.buy(sku) for _ in range(3)]
    for order in orders:
        service.confirm_at_bank(order)
    # Quicker than the sweeper comes by: the process nudges itself.
    service.wait_until_paid(*orders)
    assert service.end(api) < 5
    service.begin("api", FASTCART_WORKER="embedded", REDIS_URL="")
    # Nobody is nudged for letters: the sweeper takes them all at once.
    service.wait_for_confirmation(*orders)
    assert service.ask("GET", "/health/ready") == {"status": "ok", "failing": []}
    assert_clean(service)


def test_apis_workers_and_sweepers_side_by_side_do_everything_once(service: Service) -> None:
    service.begin("api")
    service.begin("api", FASTCART_WORKER="embedded")
    for _ in range(2):
        service.begin("worker")
    service.control("PUT", "/_control/webhooks/mischief", {"copies": 3, "shuffle_ms": 300})
    sku = service.stock_up(pieces=24)
    with ThreadPoolExecutor(8) as shoppers:
        orders = list(shoppers.map(lambda _: service.buy(sku), range(24)))
        list(shoppers.map(service.confirm_at_bank, orders))
    service.wait_until_paid(*orders)
    service.wait_for_confirmation(*orders)
    for order in orders:
        assert [payment["amount_received"] for payment in service.payments_of(order)] == [2023]
    level = service.ask("GET", f"/v1/stock/{sku}")
    assert (level["held"], level["sold"], level["free"]) == (0, 24, 0)
    assert all(service.confirmations_of(order) == 1 for order in orders)
    assert_clean(service)


def test_an_api_that_is_told_to_end_answers_what_it_has_in_hand(service: Service) -> None:
    api = service.begin("api")
    sku = service.stock_up()
    service.fault("payment_intents.create", kind="delay", delay_ms=2_000)
    with ThreadPoolExecutor(1) as shopper:
        bought = shopper.submit(service.buy, sku, "pm_card_visa")
        assert service.until(service.faults_fired, lambda fired: fired == 1) == 1
        seconds = service.end(api)
        assert bought.result()["status"] == "paid"
    assert seconds < FINISHES_WITHIN_SECONDS
    try:
        socket.create_connection(("127.0.0.1", service.api_port), timeout=1).close()
    except ConnectionRefusedError:
        pass
    else:
        raise AssertionError("it still listens")
    assert_clean(service)


def test_a_worker_that_is_told_to_end_finishes_what_it_has_in_hand(service: Service) -> None:
    service.begin("api")
    worker = service.begin("worker")
    order = service.buy(service.stock_up())
    service.fault("payment_intents.retrieve", kind="delay", delay_ms=2_000)
    service.confirm_at_bank(order)
    assert service.until(service.faults_fired, lambda fired: fired == 1) == 1
    assert service.end(worker) < FINISHES_WITHIN_SECONDS  # what is promised; the machine may be busy
    assert service.status_of(order) == "paid"
    assert_clean(service)


def test_an_embedded_worker_finishes_what_it_has_in_hand(service: Service) -> None:
    api = service.begin("api", FASTCART_WORKER="embedded", REDIS_URL="")
    order = service.buy(service.stock_up())
    service.fault("payment_intents.retrieve", kind="delay", delay_ms=2_000)
    service.confirm_at_bank(order)
    assert service.until(service.faults_fired, lambda fired: fired == 1) == 1
    assert service.end(api) < FINISHES_WITHIN_SECONDS
    service.begin("api", FASTCART_WORKER="separate")
    assert service.status_of(order) == "paid"


def test_a_storefronts_origin_may_call_and_another_may_not(service: Service) -> None:
    service.begin("api", FASTCART_ALLOWED_ORIGINS="https://shop.example")

    def preflight(origin: str) -> httpx.Response:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return service.api.options("/v1/checkouts", headers=asked)

    allowed = preflight("https://shop.example").headers
    assert allowed["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in preflight("https://evil.example").headers
