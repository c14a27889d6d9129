"""Money is never drawn beyond what is agreed, whatever runs at the same time in two worker processes."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest

from mappings.lens import document
from tests.fhir_gateway.submitted_world import (
    THERAPY,
    benefits,
    budget,
    decision,
    invoice,
    line,
    resources,
    transaction,
    tree,
    world,
)
from tests.journeys.conftest import Server

FHIR = {"Content-Type": "application/fhir+json"}
FIRST = {"meta": {"versionId": "1"}}
ROOM = 10
CLAIMS = 50
Replies = list[httpx.Response]


def agreed(server: Server, headers: dict[str, str]) -> None:
    """A budget with room for ten visits, agreed by both funders."""
    shared = line(1, "therapy", THERAPY * ROOM, {1: 5_750, 2: 4_250})
    wanted = budget(lines=(shared,))
    with httpx.Client(base_url=server.base, headers=headers, timeout=60) as client:
        posted = [client.post("", content=document.encode(transaction(world(budget=wanted))))]
        posted.append(
            client.post(
                "/Claim/$submit", content=document.encode(tree(wanted, "budget") | {"meta": {"versionId": "1"}})
            )
        )
        posted += [client.post("/Task", content=document.encode(tree(decision(body)))) for body in ("icb", "council")]
        current = client.get("/Claim/budget").json()
        posted.append(client.post("/Claim/$submit", json=current))
    assert [one.status_code for one in posted] == [200, 200, 201, 201, 200], [one.text for one in posted]


@pytest.mark.requirement("S46")
def test_of_fifty_claims_at_once_against_room_for_ten_exactly_ten_are_paid(server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.token()}"} | FHIR
    agreed(server, headers)

    async def all_at_once() -> Replies:
        limits = httpx.Limits(max_connections=CLAIMS)
        async with httpx.AsyncClient(base_url=server.base, headers=headers, limits=limits, timeout=60) as client:
            bodies = (invoice(invoice_no=f"INV-{at}") for at in range(CLAIMS))
            return await asyncio.gather(
                *(client.post("/Claim/$submit", content=document.encode(one)) for one in bodies)
            )

    replies = asyncio.run(all_at_once())
    assert sorted(one.status_code for one in replies) == [200] * ROOM + [422] * (CLAIMS - ROOM)
    refused = [issue for one in replies if one.status_code == 422 for issue in one.json()["issue"]]
    assert {one["details"]["coding"][0]["code"] for one in refused} == {"R99"}
    paid = [one for one in replies if one.status_code == 200]
    assert shares(paid) == {"Organization/icb": Decimal("4283.75"), "Organization/council": Decimal("3166.25")}
    assert stored(server, headers) == ROOM


def shares(paid: Replies) -> dict[str, Decimal]:
    """What each funder pays in all, as answered: to the penny its share of the whole line."""
    found: dict[str, Decimal] = {}
    for reply in paid:
        for answer in resources(reply, "ClaimResponse"):
            body = answer["insurer"]["reference"]
            found[body] = found.get(body, Decimal(0)) + sum(amount for _, amount in benefits(answer))
    return found


def stored(server: Server, headers: dict[str, str]) -> int:
    """How many payments there are."""
    query: dict[str, Any] = {"patient": "pat", "use": "claim", "_summary": "count"}
    return int(httpx.get(f"{server.base}/Claim", params=query, headers=headers).json()["total"])
