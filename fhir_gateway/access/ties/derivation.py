"""Every kind of tie that follows from records: who derives it, and from which kinds of record.

A write of one of these kinds is what makes the ties of its person be worked out again.

Source: security.md section 4; docs/adr/0007.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fhir_gateway.access.ties import bodies, coordinators, funding, gates, holders, life, powers, providers
from fhir_gateway.access.ties.tie import Tie
from fhir_gateway.phb.case.people import NOMINEE
from fhir_gateway.phb.case_file import CaseFile
from mappings.account import PaymentArrangement
from mappings.assessment import CapacityAssessment
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.care_team import Team
from mappings.change import Concern, Transfer
from mappings.consent import PhbConsent
from mappings.coverage import FunderContribution
from mappings.decision import Decision
from mappings.episode_of_care import PhbCase
from mappings.patient import Person
from mappings.payment import Payment
from mappings.related_person import Party
from mappings.review import Review


@dataclass(frozen=True, slots=True)
class Derivation:
    """One kind of tie, what derives it, and the kinds of record that reads."""

    kind: str
    derive: Callable[[CaseFile], Iterator[Tie]]
    reads: tuple[type[Any], ...]


_POWER: Final = (Party, PhbConsent, Person)
_OF_BODIES: Final = (PhbCase, Transfer, FunderContribution, Team)

DERIVATIONS: Final = (
    Derivation(life.SELF, life.own, (Person,)),
    Derivation(bodies.RESPONSIBLE, bodies.responsible, (PhbCase, Transfer)),
    Derivation(bodies.DELEGATE, bodies.delegates, (PhbCase,)),
    Derivation(funding.FUNDER, funding.funders, (FunderContribution,)),
    Derivation(funding.SHARED, funding.shared, (PhbConsent,)),
    Derivation(coordinators.COORDINATOR, coordinators.coordinators, (PhbCase, Team)),
    Derivation(powers.REPRESENTATIVE, powers.representatives, (*_POWER, CapacityAssessment)),
    Derivation(NOMINEE, powers.nominees, _POWER),
    Derivation(providers.PROVIDER, providers.providers, (AgreedBudget, Payment)),
    Derivation(holders.HOLDER, holders.holders, (PaymentArrangement,)),
    Derivation(gates.GATE, gates.gates, (Review, Concern, Decision, SupportPlan, AgreedBudget, *_OF_BODIES)),
)
KINDS: Final = frozenset(one.kind for one in DERIVATIONS)


def reading(kinds: Iterable[type[Any]]) -> frozenset[str]:
    """The kinds of tie that may change when records of these kinds do."""
    changed = frozenset(kinds)
    return frozenset(one.kind for one in DERIVATIONS if not changed.isdisjoint(one.reads))


def derived(case: CaseFile, kinds: Iterable[str] = KINDS) -> frozenset[Tie]:
    """The ties of these kinds that a person's records make, those of the past and of days to come included."""
    wanted = frozenset(kinds)
    found = (tie for one in DERIVATIONS if one.kind in wanted for tie in one.derive(case))
    return frozenset(tie for tie in found if not tie.is_empty)
