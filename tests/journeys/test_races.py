"""Promises that must hold whatever runs at the same time, in two worker processes over one database."""

import asyncio

import httpx
import pytest

from tests.journeys.conftest import Server

FHIR = {"Content-Type": "application/fhir+json"}
CONDITION = {"If-None-Exist": "identifier=https://example.org/register|42"}
PERSON = {"resourceType": "Patient", "identifier": [{"system": "https://example.org/register", "value": "42"}]}


@pytest.mark.requirement("lesson-23")
def test_fifty_conditional_creates_at_once_make_one(server: Server) -> None:
    token = server.token()

    async def all_at_once() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=50)
        headers = {"Authorization": f"Bearer {token}"} | FHIR
        async with httpx.AsyncClient(base_url=server.base, headers=headers, limits=limits, timeout=60) as client:
            asked = (client.post("/Patient", json=PERSON, headers=CONDITION) for _ in range(50))
            return await asyncio.gather(*asked)

    replies = asyncio.run(all_at_once())
    statuses = sorted(reply.status_code for reply in replies)
    assert statuses == [200] * 49 + [201]
    assert len({reply.json()["id"] for reply in replies}) == 1


@pytest.mark.requirement("S45")
def test_fifty_updates_of_one_version_have_one_winner_each_round(server: Server) -> None:
    token = server.token()

    async def rounds() -> list[list[int]]:
        headers = {"Authorization": f"Bearer {token}"} | FHIR
        async with httpx.AsyncClient(base_url=server.base, headers=headers, timeout=60) as client:
            person = (await client.post("/Patient", json=PERSON)).json()
            found = []
            for number in range(1, 4):
                bodies = [person | {"active": True, "language": f"x-{number}-{one}"} for one in range(20)]
                match = {"If-Match": f'W/"{number}"'}
                asked = (client.put(f"/Patient/{person['id']}", json=body, headers=match) for body in bodies)
                found.append(sorted(reply.status_code for reply in await asyncio.gather(*asked)))
            return found

    assert asyncio.run(rounds()) == [[200] + [412] * 19] * 3
