"""References as records hold them: `Type/id`, or the bare id where only one type can be meant.

Source: mappings.lens.values.Reference; domain.md 2.
"""


def literal(resource_type: str, id: str | None) -> str | None:  # noqa: A002
    """`Type/id` of a field that holds the bare id; None for none."""
    return None if id is None else f"{resource_type}/{id}"


def is_local(reference: str | None) -> bool:
    """Whether it names something here: no address elsewhere, and no number of another system."""
    return reference is not None and not any(mark in reference for mark in ":|#")


def type_of(reference: str | None) -> str:
    """The resource type that a `Type/id` of this gateway names; empty for every other reference."""
    return reference.partition("/")[0] if reference is not None and is_local(reference) and "/" in reference else ""
