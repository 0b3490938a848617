"""TaxJar's words for a request that it won't have."""

from http import HTTPStatus


class TaxJarRefusal(Exception):
    """Answered as `{status, error, detail}`."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def bad_request(detail: str) -> TaxJarRefusal:
    return TaxJarRefusal(HTTPStatus.BAD_REQUEST, detail)
