"""Story: a customer looks at what they saved to pay with, and takes some of it away."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from application.read_customer import ReadCustomer
from domain.customer import AccountState, Customer, SavedMethod
from domain.identifiers import AttemptId, CustomerId, derived
from ports.customers import CustomerVault
from ports.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodAt:
    """What is saved at which provider."""

    provider: str
    method: SavedMethod


class SavedMethods:
    """Asks the providers each time: the shopper may save something without us."""

    def __init__(
        self, read: ReadCustomer, vaults: Mapping[str, CustomerVault], *, unlisted: Collection[str] = ()
    ) -> None:
        """`unlisted` are providers that can't be asked what they keep."""
        self._read = read
        self._vaults = vaults
        self._unlisted = unlisted

    async def __call__(self, customer_id: CustomerId) -> Sequence[MethodAt]:
        """Newest first at each provider. Raises UnknownCustomer, and what the vault raises."""
        customer = await self._read(customer_id)
        return [
            MethodAt(provider=vault.provider, method=method)
            for vault, reference in self._known_at(customer)
            for method in await vault.methods(reference)
        ]

    async def detach(self, customer_id: CustomerId, token: str) -> Sequence[MethodAt]:
        """What is left. A method that isn't the customer's (any more) is left alone, so it can be repeated.

        Raises as above.
        """
        customer = await self._read(customer_id)
        key = AttemptId(derived("att", customer_id, f"detach {token}"))
        for vault, reference in self._known_at(customer):
            await vault.detach(reference, token, key)
        return await self(customer_id)

    def _known_at(self, customer: Customer) -> Iterator[tuple[CustomerVault, str]]:
        for account in customer.accounts:
            if account.provider in self._unlisted:
                continue
            if account.state is AccountState.REGISTERED and account.reference is not None:
                if (vault := self._vaults.get(account.provider)) is None:
                    raise Unavailable("provider_not_set_up")
                yield vault, account.reference
