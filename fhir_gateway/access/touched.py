"""Whom a request touched: every person whose record it showed or changed, and the gate that opened what is closed.

Source: security requirement S63; R139; IHE BALP (one AuditEvent for each patient).
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Touched:
    """Filled while a request is answered. people: ids of Patients. gates: references of reviews and concerns."""

    people: dict[str, None] = field(default_factory=dict)
    gates: dict[str, None] = field(default_factory=dict)

    def person(self, id: str | None) -> None:  # noqa: A002
        """A record of this person was shown or changed; None for what is nobody's record."""
        if id:
            self.people[id] = None

    def gate(self, reference: str) -> None:
        """Financial detail was shown that this review or concern opens."""
        self.gates[reference] = None
