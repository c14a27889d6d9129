"""Counts and times of requests, in the Prometheus text form.

Source: prometheus.io exposition formats. Labels carry no ids and no personal data.
"""

import time
from dataclasses import dataclass
from typing import Final, Self

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

REGISTRY: Final = CollectorRegistry()
REQUESTS: Final = Counter("phb_requests_total", "FHIR requests answered", ("method", "status"), registry=REGISTRY)
SECONDS: Final = Histogram("phb_request_seconds", "Time to answer a FHIR request", ("method",), registry=REGISTRY)
KNOWN: Final = ("GET", "HEAD", "POST", "PUT", "DELETE")
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


@dataclass(slots=True)
class observed:  # noqa: N801 - used as `with observed(...)`
    """Times one request and counts it under its status."""

    method: str
    status: int = 500
    started: float = 0.0

    def __enter__(self) -> Self:
        self.started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        method = self.method if self.method in KNOWN else "other"
        _counter(method, self.status).inc()
        _timer(method).observe(time.perf_counter() - self.started)


_COUNTERS: dict[tuple[str, int], Counter] = {}
_TIMERS: dict[str, Histogram] = {}


def _counter(method: str, status: int) -> Counter:
    found = _COUNTERS.get((method, status))
    if found is None:
        found = _COUNTERS[method, status] = REQUESTS.labels(method, str(status))
    return found


def _timer(method: str) -> Histogram:
    found = _TIMERS.get(method)
    if found is None:
        found = _TIMERS[method] = SECONDS.labels(method)
    return found


def exposition() -> bytes:
    """The metrics of this process."""
    return generate_latest(REGISTRY)
