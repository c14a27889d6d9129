"""The change feed: every change once, in commit order, however late it commits (security requirement S49)."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Self

import pytest

from fhir_gateway.interactions import write
from fhir_gateway.store import records
from tests.fhir_gateway.api import FHIR, Api, link
from tests.fhir_gateway.trees import goal, organization, patient

START = "_history?_cursor=&_count=7"
PATIENCE_S = 20.0


class Follower:
    """Polls the feed in a thread of its own, and keeps what it saw in the order it saw it."""

    def __init__(self, api: Api, path: str = START) -> None:
        self.api = api
        self.seen: list[Any] = []
        self._following = path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self.poll():
                time.sleep(0.002)

    def poll(self) -> list[Any]:
        reply = self.api.get(self._following)
        assert reply.status_code == 200, reply.text
        self._following = link(reply.json(), "next") or ""
        found: list[Any] = reply.json().get("entry", [])
        self.seen += found
        return found

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while len(self.seen) < count and time.monotonic() < deadline:
            time.sleep(0.005)

    @property
    def versions(self) -> list[tuple[str, str]]:
        """Address and version of each change seen."""
        return [(one["fullUrl"].removeprefix(f"{FHIR}/"), one["response"]["etag"]) for one in self.seen]


@pytest.mark.requirement("S49")
def test_the_feed_tells_every_change_once_and_oldest_first(api: Api) -> None:
    person = api.person()
    api.put(person, patient(id=person.removeprefix("Patient/"), gender="male"))
    other = api.person()
    api.delete(other)
    follower = Follower(api, "_history?_cursor=")
    deadline = time.monotonic() + PATIENCE_S
    while len(follower.seen) < 4 and time.monotonic() < deadline:
        follower.poll()
    assert follower.versions == [(person, 'W/"1"'), (person, 'W/"2"'), (other, 'W/"1"'), (other, 'W/"2"')]
    assert [one["request"]["method"] for one in follower.seen] == ["POST", "PUT", "POST", "DELETE"]
    assert follower.seen[1]["resource"] == api.get(person).json()
    assert follower.poll() == []


def test_the_feed_of_a_type_tells_that_type(api: Api) -> None:
    api.person()
    council = f"Organization/{api.made(organization())['id']}"
    with Follower(api, "Organization/_history?_cursor=") as follower:
        follower.wait_for(1)
    assert follower.versions == [(council, 'W/"1"')]


def test_the_feed_may_begin_at_a_time(api: Api) -> None:
    api.person()
    time.sleep(0.005)
    later = api.made(patient())
    with Follower(api, f"_history?_cursor=&_since={later['meta']['lastUpdated']}") as follower:
        follower.wait_for(1)
    assert follower.versions == [(f"Patient/{later['id']}", 'W/"1"')]


def test_the_size_of_a_page_may_change_on_the_way(api: Api) -> None:
    for _ in range(3):
        api.person()
    time.sleep(0.01)
    first = api.get("_history?_cursor=&_count=1").json()
    following = (link(first, "next") or "").replace("_count=1", "_count=50")
    assert api.get(following).status_code == 200


@contextmanager
def _dawdling(monkeypatch: pytest.MonkeyPatch, api: Api) -> Iterator[None]:
    """Every third write on PostgreSQL holds its transaction open after its rows are written."""
    store = records.write
    count = iter(range(10**6))
    late = api.gateway.database.dialect == "postgresql"

    def slow(*arguments: Any) -> None:
        store(*arguments)
        if late and next(count) % 3 == 0:
            time.sleep(0.03)

    with monkeypatch.context() as patched:
        patched.setattr(records, "write", slow)
        yield


@pytest.mark.requirement("S49")
def test_a_follower_misses_nothing_that_commits_late(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers of new and of shared resources, some slow to commit, beside a follower that polls all the while."""
    shared = [api.person() for _ in range(3)]

    def work(number: int) -> list[tuple[str, str]]:
        done = []
        for turn in range(8):
            body = patient(birthDate=f"19{number:02}-01-{turn + 1:02}")
            if turn % 2:
                aim = shared[(number + turn) % 3]
                reply = api.put(aim, body | {"id": aim.removeprefix("Patient/")})
            else:
                reply = api.post("Patient", body)
            assert reply.status_code in (200, 201), reply.text
            done.append((f"Patient/{reply.json()['id']}", reply.headers["etag"]))
        return done

    with _dawdling(monkeypatch, api), Follower(api) as follower, ThreadPoolExecutor(8) as pool:
        written = [one for done in pool.map(work, range(10, 18)) for one in done]
        expected = Counter([*written, *((one, 'W/"1"') for one in shared)])
        follower.wait_for(expected.total())
    assert Counter(follower.versions) == expected
    for aim in shared:
        versions = [int(tag[3:-1]) for address, tag in follower.versions if address == aim]
        assert versions == sorted(versions)


def test_what_was_seen_before_a_write_comes_before_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow transaction that began first may still refer to what a quick one committed meanwhile."""
    if api.gateway.database.dialect == "sqlite":
        api.put("Patient/quick", patient(id="quick"))
        made = api.made(goal("Patient/quick"))
    else:
        judged = write.check_references
        begun, go = threading.Event(), threading.Event()

        def waiting(ctx: Any, *arguments: Any) -> None:
            if arguments[0][0].change.new.type == "Goal":
                ctx.session.driver.execute("SELECT pg_current_xact_id()")
                begun.set()
                go.wait(10)
            judged(ctx, *arguments)

        monkeypatch.setattr(write, "check_references", waiting)
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(api.made, goal("Patient/quick"))
            begun.wait(10)
            api.put("Patient/quick", patient(id="quick"))
            go.set()
            made = slow.result()
    with Follower(api) as follower:
        follower.wait_for(2)
    assert follower.versions == [("Patient/quick", 'W/"1"'), (f"Goal/{made['id']}", 'W/"1"')]
