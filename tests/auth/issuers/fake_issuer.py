"""An issuer on loopback that logs anybody in, and can lie in every way it is told to."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.auth.builders import SECOND, Clock, key, public, signed

Json = dict[str, Any]
CLIENT_ID: Final = "phb-gateway"
SUBJECT: Final = "person-1"
NHS_NUMBER: Final = "9990000018"
BORN: Final = "1961-03-14"
ACCESS: Final = "an-access-token"
SIGNED_BY: Final = 7  # which of the run's keys is the issuer's


def kept(members: Json) -> Json:
    """Members given as None are left out."""
    return {name: value for name, value in members.items() if value is not None}


def hash_of(access_token: str, alg: str = "512") -> str:
    digest = (sha512 if alg == "512" else sha256)(access_token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


@dataclass
class Lies:
    """What the issuer says otherwise than it should; None in a mapping leaves that member out.

    sign: makes the token of its claims. answer: of an endpoint (`/token`), in place of the true one.
    """

    claims: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    number: int = SIGNED_BY
    sign: Callable[[Json], str] | None = None
    tokens: Json = field(default_factory=dict)
    userinfo: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)
    response: Json = field(default_factory=dict)
    answer: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)


@dataclass
class FakeIssuer:
    """One issuer. party: our public key, to hold our proofs against. asked: the paths asked for."""

    url: str = ""
    clock: Clock = field(default_factory=Clock)
    lies: Lies = field(default_factory=Lies)
    party: RSAKey | None = None
    asked: list[str] = field(default_factory=list)
    sent: Json = field(default_factory=dict)
    code_used: bool = False

    # --- the browser's side

    def log_in(self, location: str) -> str:
        """The person logs in; where the browser is sent back to."""
        parts = urlsplit(location)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        self.sent = dict(parse_qsl(parts.query, strict_parsing=True))
        self.code_used = False
        told = kept({"code": "the-code", "state": self.sent["state"], "iss": self.url, **self.lies.response})
        return f"{self.sent['redirect_uri']}?{urlencode(told)}"

    # --- what it tells

    def claims(self) -> Json:
        now_s = self.clock() // SECOND
        true = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": SUBJECT,
            "iat": now_s,
            "exp": now_s + 300,
            "jti": f"jti-{now_s}",
            "auth_time": now_s,
            "nonce": self.sent.get("nonce"),
            "at_hash": hash_of(ACCESS),
            "vot": "P9.Cp.Cd",
            "vtm": f"{self.url}/trustmark/{urlsplit(self.url).netloc}",
            "identity_proofing_level": "P9",
            "nhs_number": NHS_NUMBER,
            "birthdate": BORN,
        }
        return kept({**true, **self.lies.claims})

    def id_token(self) -> str:
        if self.lies.sign is not None:
            return self.lies.sign(self.claims())
        header = {"alg": "RS512", **self.lies.header}
        return signed(self.claims(), signing=key("rsa", self.lies.number), **header)

    def metadata(self) -> Json:
        paths = ("authorize", "token", "userinfo", "jwks")
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        places = {name: f"{self.url}/{path}" for name, path in zip(names, paths, strict=True)}
        announced = {"authorization_response_iss_parameter_supported": True}
        return kept({"issuer": self.url, **places, **announced, **self.lies.metadata})

    def answered(self, path: str, form: Json, authorization: str) -> tuple[int, str]:
        if path == "/jwks":
            return 200, public(key("rsa", SIGNED_BY))
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self.metadata())
        if path == "/userinfo" and authorization == f"Bearer {ACCESS}":
            return 200, json.dumps(kept({"sub": SUBJECT, "nhs_number": NHS_NUMBER, **self.lies.userinfo}))
        if path == "/token" and self._right(form):
            tokens = {"access_token": ACCESS, "token_type": "Bearer", "id_token": self.id_token()}
            return 200, json.dumps(kept({**tokens, **self.lies.tokens}))
        return 400, '{"error": "invalid_grant"}'

    def _right(self, form: Json) -> bool:
        """Whether our request keeps to the rules: the code once, our key, PKCE."""
        assert self.party is not None
        proof = jwt.decode(form["client_assertion"], self.party, algorithms=["RS512"])
        claims, used = proof.claims, self.code_used
        self.code_used = True
        now_s = self.clock() // SECOND
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        return (
            not used
            and form["code"] == "the-code"
            and form["redirect_uri"] == self.sent["redirect_uri"]
            and challenge == self.sent["code_challenge"]
            and (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT_ID, CLIENT_ID, f"{self.url}/token")
            and now_s < claims["exp"] <= now_s + 300
        )


@contextmanager
def serving() -> Iterator[FakeIssuer]:
    """The issuer, listening."""
    issuer = FakeIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: value for name, (value,) in parse_qs(body, strict_parsing=True).items()})

        def _answer(self, form: Json) -> None:
            issuer.asked.append(self.path)
            if self.path in issuer.lies.answer:
                issuer.lies.answer[self.path](self)
                return
            reply(self, *issuer.answered(self.path, form, self.headers.get("Authorization", "")))

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    yield issuer
    server.shutdown()
    thread.join()
    server.server_close()


def reply(request: BaseHTTPRequestHandler, status: int, body: str, **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body.encode())


def unsigned(claims: Json) -> str:
    """A token whose header says that nobody signed it."""
    parts = (json.dumps({"alg": "none", "kid": "rsa-7"}), json.dumps(claims), "x")
    return ".".join(urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)


def drip(request: BaseHTTPRequestHandler) -> None:
    """One byte at a time, until the other side has had enough."""
    request.send_response(200)
    request.end_headers()
    try:
        while True:
            request.wfile.write(b" ")
            time.sleep(0.01)
    except OSError:
        return
