"""The one place that turns a fault into an OperationOutcome, for responses and Bundle entries alike.

Source: FHIR R4 operationoutcome.html.
"""

from collections.abc import Iterable

from fhir_gateway.interactions.context import Reply
from mappings import namespaces
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import FhirError, Issue


def outcome_of(error: FhirError) -> Tree:
    """The OperationOutcome of a refusal."""
    return outcome_tree(error.issues)


def outcome_tree(issues: Iterable[Issue]) -> Tree:
    """The OperationOutcome that says these issues."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(one) for one in issues]}


def warned(reply: Reply) -> bytes | None:
    """The OperationOutcome of an accepted write the rules warn about; None when there is nothing to say."""
    if not reply.warnings:
        return None
    return rendered(outcome_tree(reply.warnings))


def _issue(issue: Issue) -> Tree:
    shown: Tree = {"severity": issue.severity, "code": issue.code}
    if issue.details:
        shown["details"] = {"coding": [{"system": namespaces.code_system("phb-rule"), "code": issue.details}]}
    shown["diagnostics"] = issue.diagnostics
    if issue.expression:
        shown["expression"] = [issue.expression]
    return shown


def rendered(outcome: Tree) -> bytes:
    """Its JSON."""
    return document.encode(outcome)
