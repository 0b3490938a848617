"""One account at the simulated TaxJar: its transactions, and what its next answers are to look like."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from entrypoints.sandbox.taxjar.distortions import Distortion, distorted
from entrypoints.sandbox.taxjar.refusals import TaxJarRefusal
from entrypoints.sandbox.taxjar.requests import Line, Transaction

ORDER: Final = "order"
REFUND: Final = "refund"
_USER: Final = 10649


class TaxJarAccount:
    """Orders and refunds share one namespace of ids. `nonsense_told` counts distorted answers."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, dict[str, Any]]] = {}
        self._distortion: Distortion | None = None
        self._times: int | None = 0
        self.nonsense_told: Counter[Distortion] = Counter()

    def distort(self, way: Distortion | None, times: int | None) -> None:
        """The next so many answers about taxes (None: all of them) are wrong in this way."""
        self._distortion, self._times = way, times

    def shown(self, tax: dict[str, Any]) -> dict[str, Any]:
        """The answer about a tax, right or as wrong as it was asked to be."""
        if self._distortion is None or self._times == 0:
            return tax
        if self._times is not None:
            self._times -= 1
        self.nonsense_told[self._distortion] += 1
        return distorted(tax, self._distortion)

    def create(self, kind: str, given: Transaction) -> dict[str, Any]:
        """Raises TaxJarRefusal (422) for an id that is there."""
        if given.transaction_id in self._kept:
            raise TaxJarRefusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, "Provider tranx already imported for your user account"
            )
        return self._keep(kind, given)

    def update(self, kind: str, given: Transaction) -> dict[str, Any]:
        """Raises TaxJarRefusal (404)."""
        self.show(kind, given.transaction_id)
        return self._keep(kind, given)

    def show(self, kind: str, identifier: str) -> dict[str, Any]:
        """Raises TaxJarRefusal (404)."""
        found, record = self._kept.get(identifier, ("", {}))
        if found != kind:
            raise TaxJarRefusal(HTTPStatus.NOT_FOUND, "Resource can not be found")
        return record

    def delete(self, kind: str, identifier: str) -> dict[str, Any]:
        """Raises TaxJarRefusal (404)."""
        record = self.show(kind, identifier)
        del self._kept[identifier]
        return record

    def ids(self, kind: str, first: str, last: str) -> list[str]:
        """Those of these days, YYYY-MM-DD."""
        return [
            identifier
            for identifier, (found, record) in self._kept.items()
            if found == kind and first <= record["transaction_date"][:10] <= last
        ]

    @property
    def transactions(self) -> Mapping[str, dict[str, Any]]:
        return {identifier: record for identifier, (_, record) in self._kept.items()}

    def lose(self, identifier: str) -> None:
        """As if somebody had deleted it by hand."""
        self._kept.pop(identifier, None)

    def falsify(self, identifier: str, sales_tax: str) -> None:
        """As if somebody had changed it by hand."""
        self._kept[identifier][1]["sales_tax"] = sales_tax

    def _keep(self, kind: str, given: Transaction) -> dict[str, Any]:
        record = _record(given, is_refund=kind == REFUND)
        self._kept[given.transaction_id] = (kind, record)
        return record


def _record(given: Transaction, *, is_refund: bool) -> dict[str, Any]:
    """As TaxJar shows it: amounts in strings, those of refunds negative, lines numbered from 0."""

    def amount(number: Decimal | None) -> str:
        shown = number or Decimal(0)
        return _written(-abs(shown) if is_refund else shown)

    return {
        "user_id": _USER,
        "provider": "api",
        "transaction_id": given.transaction_id,
        "transaction_reference_id": given.transaction_reference_id,
        "transaction_date": given.transaction_date.replace("Z", ".000Z"),
        "to_country": given.to_country,
        "to_zip": given.to_zip,
        "to_state": given.to_state,
        "to_city": given.to_city.upper() if given.to_city else None,
        "to_street": given.to_street,
        "from_country": given.from_country,
        "from_zip": given.from_zip,
        "from_state": given.from_state,
        "from_city": given.from_city,
        "from_street": given.from_street,
        "exemption_type": given.exemption_type,
        "customer_id": given.customer_id,
        "amount": amount(given.amount),
        "shipping": amount(given.shipping),
        "sales_tax": amount(given.sales_tax),
        "line_items": [_line(position, line, amount) for position, line in enumerate(given.line_items)],
    }


def _line(position: int, line: Line, amount: Any) -> dict[str, Any]:
    return {
        "id": position,
        "quantity": line.quantity,
        "product_identifier": line.product_identifier,
        "product_tax_code": line.product_tax_code,
        "description": line.description,
        "unit_price": amount(line.unit_price),
        # Nothing has no sign here, unlike elsewhere.
        "discount": _written(line.discount + 0),
        "sales_tax": amount(line.sales_tax),
    }


def _written(number: Decimal) -> str:
    """`40.0`, `0.89`: at least one decimal, and no zeros beyond."""
    text = f"{number.normalize():f}"
    return text if "." in text else f"{text}.0"
