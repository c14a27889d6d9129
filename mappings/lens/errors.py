"""What can be wrong with a request, said once: every fault is an `Issue`, every refusal a `FhirError`.

Source: FHIR R4 operationoutcome.html (severity, issue type, expression), http.html (status codes).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault.

    code: FHIR issue-type code. diagnostics: plain words, never a person's data.
    expression: element path such as `Claim.item[0].net`, empty when no element is at fault.
    details: rule number such as `R85`, empty when no rule is cited.
    """

    code: str
    diagnostics: str
    expression: str = ""
    severity: str = "error"
    details: str = ""


class FhirError(Exception):
    """The root: a refusal with an HTTP status and at least one issue."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid"

    def __init__(self, issues: str | Issue | Iterable[Issue], *, headers: Mapping[str, str] | None = None) -> None:
        if isinstance(issues, str):
            issues = Issue(self.code, issues)
        self.issues: tuple[Issue, ...] = (issues,) if isinstance(issues, Issue) else tuple(issues)
        self.headers: dict[str, str] = dict(headers or {})
        super().__init__("; ".join(issue.diagnostics for issue in self.issues))


class BadRequest(FhirError):
    """400: the bytes are not JSON we take, or not the shape of the resource type."""


class Unprocessable(FhirError):
    """422: well-formed, but its meaning cannot be accepted (codes, references, periods, rules)."""

    status = 422
    code = "processing"
