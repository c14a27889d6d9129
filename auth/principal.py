"""Who is asking, once a token has been believed.

Source: SMART App Launch 2.2, Backend Services (system clients).
"""

from dataclasses import dataclass, field

from auth.scopes import ScopeSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller of one request.

    token_digest: SHA-256 of the token, hex; names the token in the audit without giving it away.
    kind: `system`; later also `user` and `patient`.
    """

    client_id: str
    name: str
    scopes: ScopeSet
    token_digest: str = field(repr=False)
    kind: str = "system"
