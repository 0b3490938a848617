"""A postal address, with the fields that its country needs before anything can be sent there."""

from typing import Final

from domain.values import replace, value

# Countries whose addresses need a state or province to be deliverable and taxable.
_REGION_REQUIRED: Final = frozenset({"US", "CA", "AU", "BR", "IN", "MX"})
# Countries that have no postcodes in everyday use.
_NO_POSTCODE: Final = frozenset({"AE", "AO", "BS", "HK", "JM", "KE", "PA", "QA"})


@value
class Address:
    """Where to. Everything but the country may be missing while a shopper is still typing."""

    country: str
    name: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    phone: str | None = None

    def missing_fields(self) -> tuple[str, ...]:
        """The fields that this country's addresses need and that are empty here, in the order of a form."""
        needed = ["name", "line1", "city"]
        if self.country in _REGION_REQUIRED:
            needed.append("region")
        if self.needs_postcode:
            needed.append("postcode")
        return tuple(name for name in needed if not getattr(self, name))

    @property
    def needs_postcode(self) -> bool:
        return self.country not in _NO_POSTCODE

    @property
    def names_a_place(self) -> bool:
        """Whether everything is told that a place is found by; who lives there doesn't matter."""
        return self.missing_fields() in ((), ("name",))

    def is_same_place_as(self, other: "Address | None") -> bool:
        """Whoever receives it there, and whatever their telephone number."""
        return other is not None and replace(self, name=other.name, phone=other.phone) == other

    @property
    def is_taxable(self) -> bool:
        """Whether a tax can be asked for: where taxes differ by region, the region is known, and in the US,
        where they differ from town to town, the ZIP code too.
        """
        if self.country == "US" and not self.postcode:
            return False
        return self.country not in _REGION_REQUIRED or bool(self.region)
