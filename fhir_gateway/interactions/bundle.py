"""batch and transaction: a Bundle of requests, each as if it had come alone, or all of them or none.

A transaction is processed DELETE, POST, PUT, GET whatever the order sent; the answer keeps the order sent.
`urn:uuid:` and conditional references are rewritten to what the Bundle makes or finds.

Source: FHIR R4 http.html#transaction, #trules.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import unquote

from fhir_gateway.access import policy
from fhir_gateway.errors import MethodNotAllowed, NotFound
from fhir_gateway.interactions import bundles, conditional, write
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.history import history_instance, history_system, history_type
from fhir_gateway.interactions.parameters import Pairs, parse_query
from fhir_gateway.interactions.read import read, vread
from fhir_gateway.interactions.search import search_type
from fhir_gateway.outcome import outcome_of, rendered, warned
from fhir_gateway.store.records import Change, Stored
from mappings.lens import document, shape
from mappings.lens.document import Json, Tree
from mappings.lens.errors import BadRequest, FhirError, Issue, Unprocessable
from mappings.lens.mapping import ResourceType
from mappings.registry import TYPES

# elements of type uri and url that may name an entry; an identifier's value may not
REWRITTEN: Final = frozenset({"reference", "div", "url", "uri", "valueUri", "valueUrl"})
CONTAINERS: Final = (dict, list)
_LINKED: Final = re.compile(r"""((?:href|src)=["'])([^"']*)""")
_REST_URL: Final = re.compile(r"(https?://.+)/[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
ORDER: Final = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3, "HEAD": 3}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its place, what it asks for, and the address split into parts and query."""

    index: int
    method: str
    parts: tuple[str, ...]
    query: str
    resource: Tree | None
    full_url: str
    headers: Mapping[str, str]

    @property
    def resource_type(self) -> str:
        """The type its resource says it is."""
        return str((self.resource or {}).get("resourceType", ""))

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.method not in ("GET", "HEAD")


@dataclass(slots=True)
class Plan:
    """What a transaction will do, gathered before anything is written."""

    names: dict[str, str] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    found: dict[int, Stored] = field(default_factory=dict)
    judged: list[write.Judged] = field(default_factory=list)
    statuses: dict[int, tuple[int, int]] = field(default_factory=dict)  # entry: its place in `judged`, its status
    replies: dict[int, Reply] = field(default_factory=dict)


Opener = Callable[[Entry, Callable[[Context], Reply]], Reply]


def kind_of(tree: Tree) -> str:
    """`batch` or `transaction`. Raises BadRequest for any other resource or Bundle."""
    if tree.get("resourceType") != "Bundle" or tree.get("type") not in ("batch", "transaction"):
        raise BadRequest(Issue("value", "a Bundle of type batch or transaction is expected here", "Bundle.type"))
    return str(tree["type"])


def entries_of(ctx_limits: int, base: str, tree: Tree) -> list[Entry]:
    """The entries of a Bundle. Raises BadRequest naming the entry at fault; their resources are judged later."""
    shape.judge(tree, expected_type="Bundle", conditional=True, entries=False)
    found = tree.get("entry", [])
    if len(found) > ctx_limits:
        raise BadRequest(Issue("too-costly", f"at most {ctx_limits} entries", "Bundle.entry"))
    return [_entry(index, one, base) for index, one in enumerate(found)]


def _entry(index: int, entry: Tree, base: str) -> Entry:
    at = f"Bundle.entry[{index}].request"
    request = entry.get("request")
    if not isinstance(request, dict):
        raise BadRequest(Issue("required", "each entry needs a request", at))
    method, url = request.get("method"), request.get("url")
    if method not in ORDER:
        raise BadRequest(Issue("not-supported", f"method is one of {', '.join(ORDER)}", f"{at}.method"))
    if not isinstance(url, str):
        raise BadRequest(Issue("required", "the request needs a url", f"{at}.url"))
    resource = entry.get("resource")
    if method in ("POST", "PUT") and not isinstance(resource, dict):
        raise BadRequest(Issue("required", f"{method} needs a resource", f"Bundle.entry[{index}].resource"))
    path, _, query = url.removeprefix(f"{base}/").removeprefix("/").partition("?")
    parts = tuple(unquote(one) for one in path.split("/")) if path else ()
    if not all(part.isprintable() for part in parts):
        raise BadRequest(Issue("value", "the url holds a character that is not allowed", f"{at}.url"))
    headers = {name: value for name, value in request.items() if isinstance(value, str)}
    return Entry(index, method, parts, query, resource, str(entry.get("fullUrl", "")), headers)


# --- batch ------------------------------------------------------------------------------------------


def batch(base: str, entries: Sequence[Entry], run: Opener) -> bytes:
    """The answer to each entry on its own, as a Bundle: `run` gives it its transaction."""
    names = {one.full_url for one in entries if one.full_url.startswith("urn:")}
    return bundles.response("batch-response", [_alone(base, one, names, run) for one in entries])


def _alone(base: str, entry: Entry, names: Collection[str], run: Opener) -> bytes:
    try:
        with _at(entry):
            _independent(entry, names)
            reply = run(entry, lambda ctx: single(ctx, entry))
    except FhirError as error:
        return bundles.outcome_entry(error.status, None, base, None, rendered(outcome_of(error)))
    return bundles.outcome_entry(reply.status, reply.stored, base, reply.body, warned(reply))


def _independent(entry: Entry, names: Collection[str]) -> None:
    """An entry of a batch may not lean on another: the other may fail."""
    for path, node, _ in document.walk(entry.resource) if names and entry.resource else ():
        if path.endswith("reference") and type(node) is str and node in names:
            text = "an entry of a batch cannot refer to another; send a transaction"
            raise Unprocessable(Issue("not-supported", text, f"{entry.resource_type}.{path}"))


def single(ctx: Context, entry: Entry) -> Reply:
    """One entry as a request of its own."""
    if entry.method in ("GET", "HEAD"):
        return _unless_known(entry, get(ctx, entry.parts, parse_query(entry.query)))
    resource = resource_at(entry.parts)
    if entry.method == "POST":
        _need(entry, 1)
        return write.create(ctx, resource, _sent(entry, resource), entry.headers.get("ifNoneExist"))
    _need(entry, 2)
    if entry.method == "PUT":
        return write.update(ctx, resource, entry.parts[1], _sent(entry, resource), entry.headers.get("ifMatch"))
    return write.delete(ctx, resource, entry.parts[1], entry.headers.get("ifMatch"))


def _unless_known(entry: Entry, reply: Reply) -> Reply:
    """The reply, or 304 when the entry's ifNoneMatch names the version it would bring."""
    known = entry.headers.get("ifNoneMatch")
    if known is None or reply.stored is None or f'"{reply.stored.version}"' not in known:
        return reply
    return Reply(status=304, stored=reply.stored)


def _sent(entry: Entry, resource: ResourceType) -> write.Sent:
    tree = entry.resource or {}
    return write.Sent(tree, shape.judge(tree, expected_type=resource.name))


def get(ctx: Context, parts: Sequence[str], pairs: Pairs) -> Reply:
    """Whatever a GET under the base may ask for: read, vread, the histories, search. Raises NotFound."""
    if tuple(parts) == ("_history",):
        return history_system(ctx, pairs)
    resource = resource_at(parts)
    match list(parts[1:]):
        case []:
            return search_type(ctx, resource, pairs)
        case ["_history"]:
            return history_type(ctx, resource, pairs)
        case [id_]:
            return read(ctx, resource, id_)
        case [id_, "_history"]:
            return history_instance(ctx, resource, id_, pairs)
        case [id_, "_history", version]:
            return vread(ctx, resource, id_, version)
    raise NotFound("there is nothing at this address")


def resource_at(parts: Sequence[str]) -> ResourceType:
    """The type an address begins with. Raises NotFound naming those there are."""
    name = parts[0] if parts else ""
    if name not in TYPES:
        raise NotFound(Issue("not-supported", f"this gateway speaks {', '.join(sorted(TYPES))}"))
    return TYPES[name]


def _need(entry: Entry, count: int) -> None:
    if len(entry.parts) != count or (entry.query and entry.method != "GET"):
        wanted = "[type]" if count == 1 else "[type]/[id]"
        at = f"Bundle.entry[{entry.index}].request.url"
        raise MethodNotAllowed(Issue("not-supported", f"{entry.method} is asked of {wanted}", at))


# --- transaction ------------------------------------------------------------------------------------


def transaction(ctx: Context, entries: Sequence[Entry]) -> Reply:
    """All entries in the open transaction, or the first refusal."""
    plan = Plan()
    ordered = sorted(entries, key=lambda one: ORDER[one.method])
    _no_identity_twice(entries)
    _name_everything(ctx, entries, plan)
    for entry in ordered:
        if entry.method in ("DELETE", "POST", "PUT"):
            with _at(entry):
                _prepare(ctx, entry, plan)
    gone = [(one.change.new.type, one.change.new.id) for one in plan.judged if one.change.tree is None]
    write.check_references(ctx, plan.judged, gone)
    done = write.store(ctx, [one.change for one in plan.judged], [one.place for one in plan.judged])
    for index, (at, status) in plan.statuses.items():
        plan.replies[index] = write.answer(ctx, done[at], status)
    for entry in ordered:
        if entry.index not in plan.replies:
            with _at(entry):
                plan.replies[entry.index] = _unless_known(entry, get(ctx, entry.parts, parse_query(entry.query)))
    return Reply(
        status=200, body=bundles.response("transaction-response", [_answer(ctx, one, plan) for one in entries])
    )


class _at:  # noqa: N801 - reads as a preposition
    """Names the entry in whatever is refused inside."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, FhirError):
            head = f"Bundle.entry[{self._entry.index}]"
            error.issues = tuple(replace(one, expression=_placed(head, one.expression)) for one in error.issues)


def _placed(head: str, expression: str) -> str:
    if expression.startswith("Bundle.entry"):
        return expression
    _, dot, rest = expression.partition(".")
    return f"{head}.resource.{rest}" if dot else head


def _name_everything(ctx: Context, entries: Sequence[Entry], plan: Plan) -> None:
    """Ids for what will be made, and the name each fullUrl will have."""
    for entry in entries:
        if entry.method == "POST":
            with _at(entry):
                _name_created(ctx, entry, plan)
        elif entry.method == "PUT":
            _need(entry, 2)
            plan.names[entry.full_url] = "/".join(entry.parts)
    plan.names.pop("", None)


def _name_created(ctx: Context, entry: Entry, plan: Plan) -> None:
    _need(entry, 1)
    resource = resource_at(entry.parts)
    condition = entry.headers.get("ifNoneExist")
    if condition is not None:
        policy.permit(ctx.asker, resource.name, "c")
        found = conditional.existing(ctx, resource, condition)
        if found is not None:
            plan.found[entry.index] = found
            plan.names[entry.full_url] = f"{found.type}/{found.id}"
            return
    plan.ids[entry.index] = ctx.new_id()
    plan.names[entry.full_url] = f"{resource.name}/{plan.ids[entry.index]}"


def _no_identity_twice(entries: Sequence[Entry]) -> None:
    seen: set[tuple[str, ...]] = set()
    for entry in entries:
        identities = set(_identities(entry))
        if identities & seen:
            at = f"Bundle.entry[{entry.index}]"
            raise BadRequest(Issue("duplicate", "the same resource stands in the transaction twice", at))
        seen |= identities


def _identities(entry: Entry) -> Iterator[tuple[str, ...]]:
    """What no other entry may share: the resource it writes, its fullUrl, the condition under which it creates."""
    if entry.method in ("PUT", "DELETE"):
        yield entry.parts[:2]
    if entry.method in ("PUT", "POST") and entry.full_url:
        yield ("fullUrl", entry.full_url)
    if entry.method == "POST" and "ifNoneExist" in entry.headers:
        yield ("ifNoneExist", *entry.parts, conditional.normal(entry.parts[0], entry.headers["ifNoneExist"]))


def _prepare(ctx: Context, entry: Entry, plan: Plan) -> None:
    if entry.index in plan.found:
        stored = plan.found[entry.index]
        if any(
            one.change.tree is None and (one.change.new.type, one.change.new.id) == (stored.type, stored.id)
            for one in plan.judged
        ):
            raise BadRequest(Issue("duplicate", "what meets ifNoneExist is deleted by this transaction"))
        plan.replies[entry.index] = Reply(status=200, body=stored.text, stored=stored)
        return
    resource = resource_at(entry.parts)
    if entry.method == "DELETE":
        _need(entry, 2)
        change = write.prepared_delete(ctx, resource, entry.parts[1], entry.headers.get("ifMatch"))
        _planned(entry, plan, change, (), 204)
        return
    tree = rewritten(ctx, entry.resource or {}, names_seen_from(entry, plan.names))
    references = shape.judge(tree, expected_type=resource.name)
    if entry.method == "POST":
        made = write.prepared_create(ctx, resource, plan.ids[entry.index], tree)
        _planned(entry, plan, made, references, 201)
        return
    changed = write.prepared_update(ctx, resource, entry.parts[1], tree, entry.headers.get("ifMatch"))
    fresh = changed is not None and (changed.previous is None or changed.previous.text is None)
    if changed is None:
        plan.replies[entry.index] = write.unchanged(ctx, resource, entry.parts[1])
        return
    _planned(entry, plan, changed, references, 201 if fresh else 200)


def _planned(entry: Entry, plan: Plan, change: Change | None, references: tuple[str, ...], status: int) -> None:
    if change is None:
        plan.replies[entry.index] = Reply(status=status)
        return
    plan.statuses[entry.index] = (len(plan.judged), status)
    plan.judged.append(write.Judged(change, references, f"Bundle.entry[{entry.index}].resource"))


def _answer(ctx: Context, entry: Entry, plan: Plan) -> bytes:
    reply = plan.replies[entry.index]
    return bundles.outcome_entry(reply.status, reply.stored, ctx.base, reply.body, warned(reply))


# --- references -------------------------------------------------------------------------------------


def names_seen_from(entry: Entry, names: Mapping[str, str]) -> Mapping[str, str]:
    """The names an entry may use: every fullUrl, and those under the base of its own also relative to that base."""
    root = _REST_URL.fullmatch(entry.full_url)
    if root is None:
        return names
    head = f"{root[1]}/"
    return {**names, **{name.removeprefix(head): literal for name, literal in names.items() if name.startswith(head)}}


class _Unresolved(Exception):
    """A reference that cannot be made literal."""

    def __init__(self, text: str, issue_code: str, diagnostics: str) -> None:
        self.text = text
        self.issue_code = issue_code
        super().__init__(diagnostics)


def rewritten(ctx: Context, tree: Tree, names: Mapping[str, str]) -> Tree:
    """The resource with references to other entries, and conditional ones, made literal.

    Raises Unprocessable when a `urn:uuid:` reference names no entry, or a condition finds nothing or too much.
    """
    try:
        result: Tree = _rewrite(ctx, tree, names)
    except _Unresolved as error:
        path = next(path for path, node, _ in document.walk(tree, "Resource") if node == error.text)
        raise Unprocessable(Issue(error.issue_code, str(error), path)) from error
    return result


def _rewrite(ctx: Context, node: Json, names: Mapping[str, str]) -> Any:
    if type(node) is list:
        return [_rewrite(ctx, child, names) if type(child) in CONTAINERS else child for child in node]
    result = {}
    for key, child in node.items():
        kind = type(child)
        if kind in CONTAINERS:
            result[key] = _rewrite(ctx, child, names)
        else:
            result[key] = _text(ctx, key, child, names) if kind is str and key in REWRITTEN else child
    return result


def _text(ctx: Context, key: str, text: str, names: Mapping[str, str]) -> str:
    if key == "reference":
        return _reference(ctx, text, names)
    if key == "div":
        return _linked(text, names)
    return names.get(text, text) if text.startswith("urn:") else text


def _linked(div: str, names: Mapping[str, str]) -> str:
    """Narrative with links and images to entries of the Bundle made literal."""
    return _LINKED.sub(lambda found: f"{found[1]}{names.get(found[2], found[2])}", div)


def _reference(ctx: Context, text: str, names: Mapping[str, str]) -> str:
    if text in names:
        return names[text]
    if "?" in text and not text.startswith(("http:", "https:", "urn:", "#")):
        return _conditional(ctx, text)
    if text.startswith(("urn:uuid:", "urn:oid:")):
        raise _Unresolved(text, "not-found", f"no entry of this Bundle has the fullUrl {text}")
    return text


def _conditional(ctx: Context, text: str) -> str:
    name, _, condition = text.partition("?")
    if name not in TYPES:
        raise _Unresolved(text, "not-supported", f"{name!r} is no type of this gateway")
    found = conditional.match(ctx, TYPES[name], condition)
    if found is None:
        raise _Unresolved(text, "not-found", f"no {name} meets the condition")
    return f"{name}/{found.id}"
