"""The tables of this package. Times are microseconds since the epoch, UTC; secrets are digests or sealed.

Source: RFC 7523 section 3 (jti), RFC 6819 section 5.1.4.1.3 (tokens stored as digests).
"""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, MetaData, Table, Text

METADATA: Final = MetaData()

CLIENT: Final = Table(
    "client",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("scope", Text, nullable=False),  # as registered
    Column("jwks", Text),  # a JSON Web Key Set, public halves only
    Column("jwks_url", Text),
    Column("aud", Text, nullable=False),  # which audience its assertions may name
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    CheckConstraint("status IN ('active', 'revoked')", name="client_status"),
    CheckConstraint("(jwks IS NULL) <> (jwks_url IS NULL)", name="client_has_one_key_source"),
    CheckConstraint("aud IN ('either', 'token-endpoint', 'issuer')", name="client_aud"),
)

CLIENT_JTI: Final = Table(
    "client_jti",
    METADATA,
    Column("client_id", Text, ForeignKey("client.client_id"), primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Index("client_jti_expires", "expires_at"),
)

ACCESS_TOKEN: Final = Table(
    "access_token",
    METADATA,
    Column("digest", Text, primary_key=True),  # SHA-256 of the token, hex
    Column("client_id", Text, ForeignKey("client.client_id"), nullable=False),
    Column("scope", Text, nullable=False),  # as granted
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Index("access_token_client", "client_id"),
    Index("access_token_expires", "expires_at"),
)

SIGNING_KEY: Final = Table(
    "signing_key",
    METADATA,
    Column("kid", Text, primary_key=True),  # RFC 7638 thumbprint
    Column("use", Text, nullable=False),
    Column("alg", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("public_jwk", Text, nullable=False),
    Column("sealed", Text),  # the private half, encrypted; destroyed on retirement
    Column("created_at", BigInteger, nullable=False),
    Column("activated_at", BigInteger),
    Column("retired_at", BigInteger),
    CheckConstraint("state IN ('next', 'active', 'retired')", name="signing_key_state"),
)

JWKS_CACHE: Final = Table(
    "jwks_cache",
    METADATA,
    Column("url", Text, primary_key=True),
    Column("body", Text),  # the last good copy, null when there never was one
    Column("fetched_at", BigInteger),  # of that copy
    Column("tried_at", BigInteger, nullable=False),  # last attempt, good or bad
    Column("expires_at", BigInteger, nullable=False),  # by the client's Cache-Control, within our bounds
)
