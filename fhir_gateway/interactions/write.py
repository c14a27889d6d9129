"""create, update, delete: the one write path.

Judge the shape, derive the record, look up what it refers to, compare the version, store text, columns,
history and change row, let the rules judge it, do what follows from it: one transaction, all or nothing.

Source: design decision 5; FHIR R4 http.html#create, #update, #delete.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import Conflict, Forbidden, PreconditionRequired, RuleBroken, VersionConflict
from fhir_gateway.interactions import conditional, consequences, judgement, shown, tied
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.prepare import Target, later, prepared, restamped
from fhir_gateway.interactions.read import unknown
from fhir_gateway.interactions.terse import told_to
from fhir_gateway.phb.case.payments import is_released
from fhir_gateway.store import records
from fhir_gateway.store.records import Change, Stored
from mappings.change_provenance import seq_of
from mappings.lens import document, shape
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, FhirError, Issue, Unprocessable
from mappings.lens.mapping import ResourceType
from mappings.lens.query import EVERYTHING
from mappings.payment import Payment
from mappings.registry import TYPES

Pair = tuple[str, str]
ETAG: Final = re.compile(r'(?:W/)?"([0-9]+)"')
CREATED: Final = 201
PROVENANCE: Final = "Provenance"
PAYERS: Final = frozenset({"icb", "council"})  # they write their own payments alone, and may release those


@dataclass(frozen=True, slots=True)
class Sent:
    """A resource whose shape is in order, and the relative references it makes.

    told: the Provenance that came with it, less its target.
    """

    tree: Tree
    references: tuple[str, ...]
    told: Tree | None = None


def judged(resource: ResourceType, body: bytes, told: str | None = None) -> Sent:
    """The resource in a request body. told: the `X-Provenance` header that came with it.

    Raises BadRequest, Unprocessable with every fault of shape.
    """
    tree = document.parse(body)
    return Sent(tree, shape.judge(tree, expected_type=resource.name), None if told is None else _told(told))


def _told(header: str) -> Tree:
    """The Provenance in a header. Raises BadRequest: what it is about is ours to say."""
    tree = document.parse(header.encode("latin-1"))
    if "target" in tree or "id" in tree:
        raise BadRequest(Issue("value", "X-Provenance names neither id nor target: the server fills them in"))
    shape.judge(_about(tree, "Basic/any"), expected_type=PROVENANCE)
    return tree


def _about(told: Tree, reference: str) -> Tree:
    return {**told, "target": [{"reference": reference}]}


@dataclass(frozen=True, slots=True)
class Judged:
    """A change and the relative references its resource makes. place: what leads to it in a Bundle."""

    change: Change
    references: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A change as it was stored, and what the rules warn of."""

    change: Change
    warnings: tuple[Issue, ...] = ()

    def reply(self, status: int) -> Reply:
        """The answer to whoever asked for it."""
        new = self.change.new
        return Reply(status=status, body=new.text, stored=new, created=status == CREATED, warnings=self.warnings)


def create(ctx: Context, resource: ResourceType, sent: Sent, if_none_exist: str | None = None) -> Reply:
    """A new resource with an id of ours: 201, or 200 with the one that matches `if_none_exist`."""
    policy.permit(ctx.asker, resource.name, "c")
    if if_none_exist is not None:
        found = conditional.existing(ctx, resource, if_none_exist)
        if found is not None:
            return Reply(status=200, body=found.text, stored=found, created=True)
    return _as_sent(ctx, prepared_create(ctx, resource, ctx.new_id(), sent.tree), sent)


def prepared_create(ctx: Context, resource: ResourceType, id: str, tree: Tree) -> Change:  # noqa: A002
    """The change that makes a new resource."""
    permit = policy.permit(ctx.asker, resource.name, "c")
    change = prepared(ctx, Target(resource, id, None, 1, "POST"), tree)
    _within(ctx, permit, change, resource)
    return change


def update(
    ctx: Context,
    resource: ResourceType,
    id: str,  # noqa: A002
    sent: Sent,
    if_match: str | None,
    *,
    only_new: bool = False,
) -> Reply:
    """The resource replaced whole: 200; or made under the client's own id: 201. only_new: `If-None-Match: *`."""
    permit = policy.permit(ctx.asker, resource.name, "u")
    if only_new and records.get(ctx.session, resource.name, id, permit) is not None:
        raise VersionConflict(Issue("conflict", f"{resource.name}/{id} is there already"))
    change = prepared_update(ctx, resource, id, sent.tree, if_match)
    if change is None:
        return unchanged(ctx, resource, id)
    return _as_sent(ctx, change, sent)


def unchanged(ctx: Context, resource: ResourceType, id: str) -> Reply:  # noqa: A002
    """The answer to an update that says what stands there already."""
    stored = records.get(ctx.session, resource.name, id)
    return Reply(status=200, body=stored.text if stored else None, stored=stored)


def prepared_update(ctx: Context, resource: ResourceType, id: str, tree: Tree, if_match: str | None) -> Change | None:  # noqa: A002
    """The change an update makes, or None when the stored text says the same already."""
    if tree.get("id") != id:
        raise BadRequest(Issue("value", f"the id in the body must be {id!r}, as in the address", f"{resource.name}.id"))
    current = records.locked(ctx.session, resource.name, id)
    if current is None:
        return _upserted(ctx, resource, id, tree, if_match)
    permit = policy.permit(ctx.asker, resource.name, "u")
    if permit is not EVERYTHING and records.get(ctx.session, resource.name, id, permit) is None:
        raise _not_writable(ctx, resource, id)
    check_version(resource, current, if_match)
    if _stamped(tree, current) == current.text:
        return None
    change = prepared(ctx, Target(resource, id, current, current.version + 1, "PUT"), tree)
    _check_stays(change, current)
    _within(ctx, permit, change, resource)
    return change


def _not_writable(ctx: Context, resource: ResourceType, id: str) -> FhirError:  # noqa: A002
    """The refusal of an update: that it is not the asker's to change, of what they see; that it is not, of all else."""
    seen = policy.within_launch(ctx.asker, resource.name)
    if not ctx.asker.sees_all and records.admitted(ctx.session, resource.name, (id,), seen):
        return policy.outside(resource.name)
    return unknown(resource, id)


def _check_stays(change: Change, current: Stored) -> None:
    """Raises Unprocessable for a record that would become another person's."""
    if current.person is not None and change.person != current.person:
        says = "a record stays with the person it is about; add a new one for somebody else"
        raise Unprocessable(Issue("business-rule", says, change.new.type))


def _upserted(ctx: Context, resource: ResourceType, id: str, tree: Tree, if_match: str | None) -> Change:  # noqa: A002
    # whoever may see some rows only must not learn from a PUT whether an id is, or was, somebody else's
    if policy.permit(ctx.asker, resource.name, "u") is not EVERYTHING:
        raise unknown(resource, id)
    if resource.name == PROVENANCE and seq_of(id) is not None:
        raise BadRequest(Issue("value", f"{id} is the id of a Provenance that the gateway works out", "Provenance.id"))
    if if_match is not None:
        raise VersionConflict(Issue("conflict", f"{resource.name}/{id} has no version to match"))
    grave = records.tombstone(ctx.session, resource.name, id)
    return prepared(ctx, Target(resource, id, grave, grave.version + 1 if grave else 1, "PUT"), tree)


def check_version(resource: ResourceType, current: Stored, if_match: str | None) -> None:
    """Raises VersionConflict or, for money without If-Match, PreconditionRequired."""
    if if_match is None:
        if resource.money:
            raise PreconditionRequired(
                Issue("conflict", f"send If-Match with the ETag you read: a {resource.name} carries money")
            )
        return
    if if_match.strip() == "*":
        return
    named = [found[1] for one in if_match.split(",") if (found := ETAG.fullmatch(one.strip()))]
    if str(current.version) not in named:
        raise VersionConflict(
            Issue("conflict", f"the current version is {current.version}; read it and try again"),
            headers={"ETag": f'W/"{current.version}"'},
        )


def delete(ctx: Context, resource: ResourceType, id: str, if_match: str | None = None) -> Reply:  # noqa: A002
    """The resource is gone and its history kept: 204. Raises NotFound when it never was."""
    change = prepared_delete(ctx, resource, id, if_match)
    if change is None:
        return Reply(status=204, stored=records.tombstone(ctx.session, resource.name, id))
    store(ctx, [change])
    return Reply(status=204, stored=change.new)


def prepared_delete(ctx: Context, resource: ResourceType, id: str, if_match: str | None) -> Change | None:  # noqa: A002
    """The change a deletion makes, or None when it is deleted already."""
    permit = policy.permit(ctx.asker, resource.name, "d")
    current = records.locked(ctx.session, resource.name, id)
    if current is None or (permit is not EVERYTHING and records.get(ctx.session, resource.name, id, permit) is None):
        if permit is EVERYTHING and records.tombstone(ctx.session, resource.name, id) is not None:
            return None
        raise unknown(resource, id)
    if if_match is not None:
        check_version(resource, current, if_match)
    person = records.person_of(ctx.session, resource.name, id)
    new = Stored(resource.name, id, current.version + 1, later(ctx.now, current), None)
    return Change(new, "DELETE", None, "", None, person, current)


# --- the parts of a write ---------------------------------------------------------------------------


def _stamped(tree: Tree, current: Stored) -> bytes:
    return restamped(tree, current, foreign=TYPES[current.type].mapping_of(tree) is None)


def _within(ctx: Context, permit: object, change: Change, resource: ResourceType) -> None:
    if change.tree is not None and not policy.admits(permit, change.tree):  # type: ignore[arg-type]
        raise policy.outside(resource.name)
    if permit is not EVERYTHING and ctx.asker.role not in PAYERS and _releases_money(ctx, change):
        raise Forbidden(Issue("forbidden", "a client that reaches some rows only may not release a payment"))


def _releases_money(ctx: Context, change: Change) -> bool:
    """Whether a payment becomes authorised or paid by this change: the payer's own act (domain.md 5.3)."""
    if change.tree is None or not isinstance(change.record, Payment):
        return False
    return is_released(judgement.case_files(ctx).written(change))


def check_references(ctx: Context, judged: Sequence[Judged], gone: Iterable[Pair] = ()) -> None:
    """Every relative reference names a live resource, or one written together with it. Raises Unprocessable.

    A record names no record of another person: what is somebody else's is not known here.
    """
    if not ctx.asker.sees_all:
        judged = [replace(one, references=_new_references(one)) for one in judged]
    live = [one for one in judged if one.change.tree is not None]
    made = {(one.change.new.type, one.change.new.id): _owner(one.change) for one in live}
    wanted = {pair_of(text) for one in judged for text in one.references}
    wanted |= {("Patient", one.change.person) for one in live if one.change.person and one.change.previous is None}
    known = _known(ctx, {pair for pair in wanted - made.keys() if pair[0] in TYPES}) | made
    for pair in gone:
        known.pop(pair, None)
    issues = [issue for one in judged for issue in _unknown(one, _not_known(one, known))]
    if issues or wanted - known.keys():
        raise Unprocessable(issues or Issue("not-found", "the person it is about is not known here"))


def _known(ctx: Context, wanted: set[Pair]) -> dict[Pair, str]:
    """Whose each of the resources is that are there, as far as the writer sees them."""
    if ctx.asker.sees_all:
        return records.owners(ctx.session, wanted)
    seen = {pair for name in {name for name, _ in wanted} for pair in _seen(ctx, name, wanted)}
    return records.owners(ctx.session, seen)


def _seen(ctx: Context, name: str, wanted: set[Pair]) -> Iterator[Pair]:
    ids = sorted(id_ for kind, id_ in wanted if kind == name)
    rows = policy.within_launch(ctx.asker, name)
    return ((name, id_) for id_ in records.admitted(ctx.session, name, ids, rows))


def _new_references(judged: Judged) -> tuple[str, ...]:
    """What the version before did not name: what it did, whoever may write it may leave as it is."""
    previous = judged.change.previous
    if previous is None or previous.text is None:
        return judged.references
    nodes = document.walk(document.parse(previous.text))
    before = {node for path, node, _ in nodes if path.endswith("reference") and type(node) is str}
    return tuple(one for one in judged.references if one not in before)


def _owner(change: Change) -> str:
    """Whose record it is; a person is nobody's record."""
    return "" if change.new.type == "Patient" else change.person or ""


def _not_known(judged: Judged, known: Mapping[Pair, str]) -> set[Pair]:
    """What a resource refers to that is not there or, for a record of ours, is another person's."""
    person = _owner(judged.change) if judged.change.kind else ""
    pairs = {pair_of(text) for text in judged.references}
    return {pair for pair in pairs if pair not in known or (person and known[pair] not in ("", person))}


def _unknown(judged: Judged, unknown: set[Pair]) -> Iterator[Issue]:
    for path, node, _ in document.walk(judged.change.tree):
        if not path.endswith(".reference") or type(node) is not str or node.startswith("#") or ":" in node:
            continue
        if pair_of(node) in unknown:
            yield Issue("not-found", f"{node} is not known here", f"{judged.place or judged.change.new.type}.{path}")


def pair_of(reference: str) -> Pair:
    """Type and id of a relative reference, its version and fragment left off."""
    kind, _, rest = reference.partition("/")
    return kind, rest.partition("#")[0].partition("/")[0]


def store(ctx: Context, changes: Sequence[Change], places: Sequence[str] = ()) -> list[Done]:
    """Write the changes and what follows from them; each as it stands in the end. places: what leads to it in a Bundle.

    Raises RuleBroken with every rule broken; Conflict when one deletes a person who has records left.
    """
    written = list(changes)
    before = {} if ctx.asker.sees_all else tied.held(ctx.session, ctx.asker, written)
    with ctx.by_itself():
        try:
            done = _stored(ctx, written, places or [""] * len(written))
        except RuleBroken as error:
            if ctx.asker.sees_all:
                raise
            check_rows(ctx, written)
            raise told_to(ctx.asker, error) from None
    if not ctx.asker.sees_all:
        check_rows(ctx, written)
        tied.check_reach(ctx.session, ctx.asker, before)
    return done


def _stored(ctx: Context, written: list[Change], places: Sequence[str]) -> list[Done]:
    records.hold_people(ctx.session, {one.person for one in written if one.person and one.kind})
    records.write(ctx.session, written, ctx.actor)
    for change in written:
        ctx.touched.person(change.new.id if change.new.type == "Patient" else change.person)
        if change.tree is None and change.new.type == "Patient" and records.has_records(ctx.session, change.new.id):
            raise Conflict(Issue("conflict", f"Patient/{change.new.id} still has records here; delete those first"))
    files = judgement.case_files(ctx)
    verdicts = judgement.judge(files, written, places)
    judgement.keep(ctx, written, verdicts)
    everything = [*written, *consequences.follow(ctx, written, files)]
    tied.follow(ctx.session, everything, files)
    newest = {(one.new.type, one.new.id): one for one in everything}
    warned = {one.at: one.warnings for one in verdicts}
    return [Done(newest[one.new.type, one.new.id], warned.get(at, ())) for at, one in enumerate(written)]


def check_rows(ctx: Context, written: Iterable[Change]) -> None:
    """Every record as it now stands is one the writer may make or change. Raises Forbidden."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for change in written:
        if change.tree is not None:
            wanted.setdefault((change.new.type, "c" if change.method == "POST" else "u"), set()).add(change.new.id)
    for (name, action), ids in wanted.items():
        permit = policy.permit(ctx.asker, name, action)
        if ids - records.admitted(ctx.session, name, sorted(ids), permit):
            raise policy.outside(name)


def _as_sent(ctx: Context, change: Change, sent: Sent) -> Reply:
    """The change stored, with the Provenance that came with it."""
    written = [Judged(change, sent.references)]
    if sent.told is not None:
        tree = _about(sent.told, f"{change.new.type}/{change.new.id}/_history/{change.new.version}")
        made = prepared_create(ctx, TYPES[PROVENANCE], ctx.new_id(), tree)
        written.append(Judged(made, shape.judge(tree, expected_type=PROVENANCE), "X-Provenance"))
    check_references(ctx, written)
    return _written(ctx, [one.change for one in written])


def _written(ctx: Context, changes: Sequence[Change]) -> Reply:
    done, change = store(ctx, changes)[0], changes[0]
    made = (
        change.new.version == 1
        or change.method == "POST"
        or (change.previous is not None and change.previous.text is None)
    )
    return answer(ctx, done, CREATED if made else 200)


def answer(ctx: Context, done: Done, status: int) -> Reply:
    """The answer to whoever wrote: the record as they see it, and what the rules say where they see all of it."""
    if ctx.asker.sees_all:
        return done.reply(status)
    new = done.change.new
    try:
        seen = shown.one(ctx, new.type, new.id)
    except Forbidden:
        seen = None
    told = done.reply(status)
    whole = seen is not None and seen.text == new.text
    return told if whole else replace(told, body=seen.text if seen else None, warnings=())
