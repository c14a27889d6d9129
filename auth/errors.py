"""The refusals of this package: OAuth answers in its own format, so it has its own small root.

Source: RFC 6749 section 5.2 (token endpoint errors), RFC 6750 section 3 (bearer challenges).
"""

from typing import ClassVar, Final

REALM: Final = "fhir"


class AuthError(Exception):
    """The root. Messages name the fault, never a token, an assertion, a key or a person."""


class OAuthError(AuthError):
    """A refusal of the token, introspection or revocation endpoint.

    error: code of RFC 6749 section 5.2. description: printable ASCII without quotes or backslashes.
    status: HTTP status. challenge: `WWW-Authenticate` text, where the status is 401.
    """

    def __init__(self, error: str, description: str, *, status: int = 400, challenge: str | None = None) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status
        self.challenge = challenge


class InvalidClient(OAuthError):
    """Client authentication failed; an unknown client and a bad signature are told in the same words."""

    def __init__(self, description: str = "the client is not known here or its assertion does not verify") -> None:
        super().__init__("invalid_client", description)


class Unauthorized(AuthError):
    """401: no credentials (no error attribute then), or a bearer token that does not hold.

    error: None when the request brought no credentials, else a code of RFC 6750 section 3.1.
    """

    status: ClassVar[int] = 401

    def __init__(self, description: str, *, error: str | None = "invalid_token") -> None:
        super().__init__(description)
        self.description = description
        self.error = error

    @property
    def www_authenticate(self) -> str:
        """The text of the `WWW-Authenticate` header."""
        challenge = f'Bearer realm="{REALM}"'
        if self.error is None:
            return challenge
        return f'{challenge}, error="{self.error}", error_description="{self.description}"'


class RegistrationRefused(AuthError):
    """A client, scope text or JWKS that may not be registered; the message says why."""
