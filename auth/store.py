"""The tables of this package. Times are microseconds since the epoch, UTC; secrets are digests or sealed.

Source: RFC 7523 section 3 (jti), RFC 6819 section 5.1.4.1.3 (tokens stored as digests).
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
)

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
    Column("kind", Text, nullable=False, server_default="system"),  # how it comes: for itself, or for a person
    Column("secret_digest", Text),  # SHA-256, hex, of a secret of 256 random bits
    Column("redirect_uris", Text, nullable=False, server_default="[]"),  # JSON list, compared as exact strings
    Column("launch_uri", Text),  # where an EHR launch opens the app
    Column("origins", Text, nullable=False, server_default="[]"),  # JSON list, of browsers that may call the token URL
    Column("role", Text),  # what a system client is in the access policy; none: it reaches nothing
    Column("organisation", Text),  # whose system it is: an opaque id
    Column("purpose", Text),  # what it is registered for
    Column("may_introspect", Boolean, nullable=False, server_default=false()),  # a resource server: any client's tokens
    CheckConstraint("status IN ('active', 'revoked')", name="client_status"),
    CheckConstraint("jwks IS NULL OR jwks_url IS NULL", name="client_has_one_key_source"),
    CheckConstraint("aud IN ('either', 'token-endpoint', 'issuer')", name="client_aud"),
    CheckConstraint("kind IN ('system', 'public', 'confidential')", name="client_kind"),
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
    Column("grant_id", Text),  # what a person granted; none: the client's own
    Index("access_token_client", "client_id"),
    Index("access_token_grant", "grant_id"),
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

ACCOUNT: Final = Table(
    "user_account",
    METADATA,
    Column("account_id", Text, primary_key=True),
    Column("username", Text, unique=True),  # folded; none for those who log in elsewhere only
    Column("password_hash", Text),  # argon2id
    Column("status", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    CheckConstraint("status IN ('active', 'closed')", name="user_account_status"),
)

# Who an account is in the record: a person, somebody who acts for one, or a member of staff in a role of a body.
ACCOUNT_LINK: Final = Table(
    "user_link",
    METADATA,
    Column("link_id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("user_account.account_id"), nullable=False),
    Column("fhir_user", Text, nullable=False),  # such as Patient/x: opaque here
    Column("role", Text, nullable=False),  # what it is in the access policy
    Column("organisation", Text),  # of staff: an opaque id
    Column("how", Text, nullable=False),  # who vouched: operator, or the issuer that verified
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("user_link_account", "account_id"),
    Index("user_link_fhir_user", "fhir_user"),
)

# An identity another issuer vouches for: (iss, sub) and nothing else.
EXTERNAL_IDENTITY: Final = Table(
    "external_identity",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("user_account.account_id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

EXTERNAL_LOGIN: Final = Table(
    "external_login",
    METADATA,
    Column("state_digest", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("browser_digest", Text, nullable=False),  # of the cookie of the browser that began
    Column("nonce_digest", Text, nullable=False),
    Column("code_verifier", Text, nullable=False),
    Column("then", Text, nullable=False),  # where to go afterwards: a path of ours
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

# Tokens of other issuers that were exchanged for one of ours: each once.
SUBJECT_TOKEN: Final = Table(
    "subject_token",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("digest", Text, primary_key=True),  # SHA-256, hex, of its jti, or of what its signature covers
    Column("expires_at", BigInteger, nullable=False),
    Index("subject_token_expires", "expires_at"),
)

SESSION: Final = Table(
    "login_session",
    METADATA,
    Column("digest", Text, primary_key=True),  # SHA-256 of the cookie
    Column("account_id", Text, ForeignKey("user_account.account_id"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("auth_time", BigInteger, nullable=False),
    Column("acr", Text),
    Column("amr", Text, nullable=False),  # JSON list, RFC 8176 names
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),  # absolute
    Column("ended_at", BigInteger),
    Index("login_session_account", "account_id"),
    Index("login_session_expires", "expires_at"),
)

ATTEMPT: Final = Table(
    "login_attempt",
    METADATA,
    Column("key", Text, primary_key=True),  # digest of an account's name or of a source
    Column("failures", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("good_at", BigInteger),  # of an account and a source together: when last the password was right
)

# What an app asked for, kept here from the first hit until the code is used: nothing is read back from the browser.
AUTHORIZATION: Final = Table(
    "authorization_request",
    METADATA,
    Column("digest", Text, primary_key=True),  # SHA-256 of the handle in the address of our pages
    Column("client_id", Text, ForeignKey("client.client_id"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("state", Text),
    Column("nonce", Text),
    Column("code_challenge", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("prompt", Text),
    Column("max_age", Integer),
    Column("launch", Text),  # JSON: context of an EHR launch
    Column("account_id", Text),  # the only one who may decide, where the launch or an id_token_hint names one
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("decided_at", BigInteger),
    Index("authorization_request_expires", "expires_at"),
)

LAUNCH: Final = Table(
    "launch",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("client_id", Text, ForeignKey("client.client_id"), nullable=False),
    Column("account_id", Text, ForeignKey("user_account.account_id"), nullable=False),
    Column("context", Text, nullable=False),  # JSON: patient, fhirContext, need_patient_banner
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

GRANT: Final = Table(
    "grant_",
    METADATA,
    Column("grant_id", Text, primary_key=True),
    Column("client_id", Text, ForeignKey("client.client_id"), nullable=False),
    Column("account_id", Text, ForeignKey("user_account.account_id"), nullable=False),
    Column("scope", Text, nullable=False),  # as granted: the most a refresh may give
    Column("fhir_user", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organisation", Text),
    Column("patient", Text),  # id in the launch context
    Column("purpose", Text),
    Column("context", Text, nullable=False),  # JSON: what the token response tells besides
    Column("offline", Boolean, nullable=False),
    Column("session_digest", Text),  # of the login that an online grant lives by
    Column("auth_time", BigInteger, nullable=False),
    Column("acr", Text),
    Column("amr", Text, nullable=False, server_default="[]"),  # JSON list, RFC 8176 names
    Column("nonce", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),  # absolute: no refresh beyond
    Column("revoked_at", BigInteger),
    Index("grant_account", "account_id"),
    Index("grant_client", "client_id"),
)

CODE: Final = Table(
    "authorization_code",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("grant_id", Text, ForeignKey("grant_.grant_id"), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("authorization_code_expires", "expires_at"),
)

REFRESH_TOKEN: Final = Table(
    "refresh_token",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("grant_id", Text, ForeignKey("grant_.grant_id"), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("refresh_token_grant", "grant_id"),
)
