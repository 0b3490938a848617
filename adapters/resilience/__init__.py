"""Every call to a vendor goes through here: deadline, retries, breaker, shared rate limits, bulkhead, and a
record of each try.

The contract of an adapter that speaks HTTP:

It receives an `httpx.AsyncClient` whose transport already applies the vendor's policy (made by
`transport.resilient_client`), and marks each request through httpx's extensions:

    await http.post(url, json=body, extensions={"operation": "rates.list", "writes": False})

- `operation`: a fixed dotted word, never a path or anything that a shopper typed: it is told in logs and
  metrics, and is the endpoint of limits that hold for each endpoint. A request without one is a defect
  (`RequestUnmarked`).
- `writes`: whether the request may change something at the vendor. Left out, only GET, HEAD and OPTIONS
  don't.
- `limited_by` (seldom): whose limit counts where a limit is for each of something, such as a sender.

The client then raises, with no word of the vendor's or of the request in the error's text:

- `ports.errors.Unavailable` when certainly nothing happened: connection refused, no such host, breaker open,
  rate limit or bulkhead full, 429 after the retries; and for a read that got no answer, 408 or 5xx after the
  retries. `reason` is one of the words below, `retry_after_seconds` is set when it is known.
- `ports.errors.OutcomeUnknown` for a write that may have happened: a timeout or a lost connection after
  sending, 408, 5xx.

Every other answer (2xx to 4xx) is the response, its body read. Redirects are not followed. httpx's own
exceptions don't get out.

A write that may have happened is tried again only under an `Idempotency-Key` header, which stays as it is;
one that certainly did nothing may be tried again in any case. If a try before the one that was answered is in
doubt, `response.extensions["earlier_try_in_doubt"]` is True: then a 401, 403 or 409 doesn't say that nothing
happened.

The words: `breaker_open`, `rate_limited`, `bulkhead_full`, `not_connected`, `timeout`, `connection_lost`, and
`http_429` with its like for a status. A transport beneath that knows better adds its own by raising
`transport.NothingSent`.
"""
