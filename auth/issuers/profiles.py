"""What each kind of issuer is expected to be, where its entry in the file does not say otherwise.

NHS login signs with RS512 and tells how well it knows a person as a vector of trust; CIS2 signs with RS256, tells how a
worker authenticated as `acr`, and which of their roles they chose.

Source: NHS login external interface specification; NHS CIS2 Authentication, guidance for developers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PEOPLE: Final = "people"
STAFF: Final = "staff"
EXCHANGE: Final = "exchange"
USES: Final = (PEOPLE, STAFF, EXCHANGE)

VERIFIED: Final = ("P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm")
# what CIS2 says of a worker who proved themselves by a second factor at least
SECOND_FACTOR: Final = (
    *("AAL2_OR_AAL3_ANY", "AAL2_ANY", "AAL2_TOTP", "AAL2_NHSMAIL"),
    *("AAL3_ANY", "AAL3_IOS", "AAL3_FIDO2", "AAL3_SMARTCARD", "AAL3_N3_SMARTCARD", "AAL3_CIS2_SMARTCARD"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Where an issuer says what we look a record up by; empty: it does not.

    worker: the claim with the worker's registered role id. organisation: the claim with the ODS code of its body, or,
    where `roles` names a list claim, the member of that name in the entry whose `role_key` is the worker's.
    """

    nhs_number: str = ""
    birth_date: str = ""
    worker: str = ""
    organisation: str = ""
    roles: str = ""
    role_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Defaults of an issuer. require: the values one of which each claim must have."""

    uses: tuple[str, ...]
    scope: str = "openid"
    key_alg: str = "RS256"
    id_token_algs: tuple[str, ...] = ("RS256",)
    vtr: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    require: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trustmark: bool = False  # whether `vtm` must be the issuer's own
    claims: Claims = field(default_factory=Claims)


PROFILES: Final[Mapping[str, Profile]] = {
    "nhs-login": Profile(
        uses=(PEOPLE,),
        scope="openid profile",
        key_alg="RS512",
        id_token_algs=("RS512",),
        vtr=VERIFIED,
        require={"vot": VERIFIED, "identity_proofing_level": ("P9",)},
        trustmark=True,
        claims=Claims(nhs_number="nhs_number", birth_date="birthdate"),
    ),
    "cis2": Profile(
        uses=(STAFF,),
        scope="openid profile nationalrbacaccess selectedrole",
        acr_values=("AAL2_OR_AAL3_ANY",),
        require={"acr": SECOND_FACTOR},
        claims=Claims(
            worker="selected_roleid", organisation="org_code", roles="nhsid_nrbac_roles", role_key="person_roleid"
        ),
    ),
    "oidc": Profile(uses=()),
}
