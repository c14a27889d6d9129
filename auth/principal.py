"""Who is asking, once a token has been believed.

Source: SMART App Launch 2.2 (contexts `system`, `user`, `patient`); RFC 9068 for what a token says of its grant.
"""

from dataclasses import dataclass, field

from auth.scopes import ScopeSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller of one request. Ids and references are opaque here.

    token_digest: SHA-256 of the token, hex; names the token in the audit without giving it away.
    role: what the caller is in the access policy, None reaches nothing. organisation: the body it speaks for.
    grant_id to patient: of a token that a person granted; None for a client that speaks for itself.
    fhir_user: such as `Patient/x` or `PractitionerRole/x`. patient: id of the person in the launch context.
    purpose: why the caller reads, as registered or granted.
    """

    client_id: str
    name: str
    scopes: ScopeSet
    token_digest: str = field(repr=False)
    role: str | None = None
    organisation: str | None = None
    grant_id: str | None = None
    account_id: str | None = field(default=None, repr=False)
    fhir_user: str | None = field(default=None, repr=False)
    patient: str | None = field(default=None, repr=False)
    purpose: str | None = None

    @property
    def for_itself(self) -> bool:
        """Whether a system asks, with nobody behind it who logged in."""
        return self.grant_id is None
