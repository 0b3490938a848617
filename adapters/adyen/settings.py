"""What the Adyen adapter needs to know."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class AdyenSettings:
    """`base_url` with the version, such as https://checkout-test.adyen.com/v71; live ones carry the company's
    prefix. `client_key` is for the shop's pages, and public. Of several `hmac_keys`, in hexadecimal, any may
    have signed: one is replaced while the other is still in use.
    """

    api_key: str = field(repr=False)
    merchant_account: str
    client_key: str
    hmac_keys: tuple[str, ...] = field(repr=False)
    base_url: str
