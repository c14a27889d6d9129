"""What the gateway refuses beyond shape and meaning, each with its HTTP status and FHIR issue type.

Source: FHIR R4 http.html (status codes).
"""

from mappings.lens.errors import FhirError, Unprocessable


class AuthenticationNeeded(FhirError):
    """401: no token, or one that is not good."""

    status = 401
    code = "login"


class Forbidden(FhirError):
    """403: the token does not reach this type and interaction."""

    status = 403
    code = "forbidden"


class NotFound(FhirError):
    """404: not known, or not to be seen by this principal: the same answer for both."""

    status = 404
    code = "not-found"


class MethodNotAllowed(FhirError):
    """405: the address exists, the method does not."""

    status = 405
    code = "not-supported"


class NotAcceptable(FhirError):
    """406: only FHIR JSON can be answered."""

    status = 406
    code = "not-supported"


class Conflict(FhirError):
    """409: the state of other records stands against it."""

    status = 409
    code = "conflict"


class Gone(FhirError):
    """410: it was deleted."""

    status = 410
    code = "deleted"


class VersionConflict(FhirError):
    """412: the version is not the one named, or a condition matched more than once."""

    status = 412
    code = "conflict"


class TooLarge(FhirError):
    """413: more than the gateway takes."""

    status = 413
    code = "too-long"


class UnsupportedMediaType(FhirError):
    """415: the request body is not FHIR JSON."""

    status = 415
    code = "not-supported"


class RuleBroken(Unprocessable):
    """422: understood, and against a rule of the personal health budget; each issue cites its number."""

    code = "business-rule"


class PreconditionRequired(FhirError):
    """428: a money-bearing update must say which version it replaces."""

    status = 428
    code = "conflict"


class TooManyRequests(FhirError):
    """429: this client has too many requests under way."""

    status = 429
    code = "throttled"


class ServiceUnavailable(FhirError):
    """503: not now; the same request may go through later."""

    status = 503
    code = "transient"
