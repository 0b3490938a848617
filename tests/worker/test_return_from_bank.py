"""The whole way over the sandbox's bank page: from the shop to the bank, by our own address and back."""

import httpx
import pytest

from tests.worker.service import Service

BACK = "https://shop.example/back"


@pytest.mark.parametrize(("outcome", "status"), [("complete", "paid"), ("fail", "awaiting_payment")])
def test_a_shopper_goes_to_the_bank_and_comes_back(service: Service, outcome: str, status: str) -> None:
    service.begin("api", FASTCART_WORKER="embedded", REDIS_URL="")
    # Only the return tells of what happened at the bank.
    service.control("PUT", "/_control/webhooks/mischief", {"drop": True})
    order = service.buy(service.stock_up(), return_url=BACK)
    with httpx.Client(trust_env=False, timeout=30) as browser:
        bank = order["payment"]["next_action"]["url"]
        assert "Is it you?" in browser.get(bank).text
        from_bank = browser.post(bank, data={"outcome": outcome})
        ours = from_bank.headers["location"]
        assert (from_bank.status_code, ours.partition("/returns/")[0]) == (303, str(service.api.base_url))
        for _ in range(2):
            to_shop = browser.get(ours)
            assert (to_shop.status_code, to_shop.headers["location"]) == (303, BACK)
    assert service.status_of(order) == status
