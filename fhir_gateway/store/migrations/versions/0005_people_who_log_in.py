"""People who log in, what they granted, and who is tied to whom.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The role is one of the whole server: another database of it may have made it, or be making it just now.
ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'phb_asker') THEN
        CREATE ROLE phb_asker NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'phb_asker', 'MEMBER') THEN
        EXECUTE format('GRANT phb_asker TO %I', current_user);
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$
"""
TIED = """
{person} IS NULL OR {newcomer} EXISTS (
    SELECT FROM tie
    WHERE tie.person = {person}
        AND tie.who = ANY ((SELECT string_to_array(current_setting('phb.who', true), ','))::text[])
)
"""
# A person to whom no body is tied yet, and that they were recorded; the access policy shows them to whoever did so.
NEWCOMER = """
NOT EXISTS (
    SELECT FROM tie WHERE tie.person = {person} AND tie.kind IN ('responsible', 'delegate', 'funder')
) OR
"""
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
AUDIT = ("audit", "audit_subject", "audit_seal", "audit_tombstone")
STANDS = """
CREATE FUNCTION audit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM audit_pruning) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is only added to';
END $$
"""
GUARDS = {
    "postgresql": """
CREATE TRIGGER {table}_stands BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_stands();
CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION audit_stands();
""",
    "sqlite": """
CREATE TRIGGER {table}_is_not_changed BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END
;;
CREATE TRIGGER {table}_stands BEFORE DELETE ON {table} WHEN NOT EXISTS (SELECT 1 FROM audit_pruning)
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END
""",
}


DROPPED = {
    "postgresql": (
        "DROP TRIGGER {table}_stands ON {table}",
        "DROP TRIGGER {table}_is_not_emptied ON {table}",
    ),
    "sqlite": ("DROP TRIGGER {table}_is_not_changed", "DROP TRIGGER {table}_stands"),
}
AUDIT_COLUMNS = (
    *("xact", "subtype", "account", "fhir_user", "role", "organisation", "purpose", "query", "outcome", "token"),
    *("gate", "address"),
)
CLIENT_COLUMNS = (
    *("kind", "secret_digest", "redirect_uris", "launch_uri", "origins", "role", "organisation", "purpose"),
    "may_introspect",
)
WALLED = (
    *("account", "care_plan", "care_team", "change", "claim", "claim_response", "communication", "composition"),
    *("condition", "consent", "contract", "coverage", "document_reference", "encounter", "episode_of_care", "goal"),
    *("history", "observation", "patient", "related_person", "risk_assessment", "task"),
)


def upgrade() -> None:
    """The new columns of clients and tokens, and every new table."""
    with op.batch_alter_table("client") as client:
        client.drop_constraint("client_has_one_key_source", type_="check")
        client.create_check_constraint("client_has_one_key_source", "jwks IS NULL OR jwks_url IS NULL")
        client.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="system"))
        client.add_column(sa.Column("secret_digest", sa.Text()))
        client.add_column(sa.Column("redirect_uris", sa.Text(), nullable=False, server_default="[]"))
        client.add_column(sa.Column("launch_uri", sa.Text()))
        client.add_column(sa.Column("origins", sa.Text(), nullable=False, server_default="[]"))
        client.add_column(sa.Column("role", sa.Text()))
        client.add_column(sa.Column("organisation", sa.Text()))
        client.add_column(sa.Column("purpose", sa.Text()))
        client.add_column(sa.Column("may_introspect", sa.Boolean(), nullable=False, server_default=sa.false()))
        client.create_check_constraint("client_kind", "kind IN ('system', 'public', 'confidential')")
    op.add_column("access_token", sa.Column("grant_id", sa.Text()))
    op.add_column("history", sa.Column("kind", TEXT))
    op.create_index("access_token_grant", "access_token", ["grant_id"])
    _who_did_it()
    bind = op.get_bind()
    _tables()
    if bind.dialect.name == "postgresql":
        _second_wall()
    _only_added_to(bind.dialect.name)


def _who_did_it() -> None:
    """What the audit and the change rows say of whoever did it."""
    op.add_column("audit", sa.Column("xact", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("audit", sa.Column("subtype", TEXT, nullable=False, server_default="operation"))
    for name in ("account", "fhir_user", "role", "organisation", "purpose", "query", "outcome", "token", "gate"):
        op.add_column("audit", sa.Column(name, TEXT))
    op.add_column("audit", sa.Column("address", TEXT))
    op.create_index("ix_audit_order", "audit", ["xact", "seq"])
    op.create_index("ix_audit_at", "audit", ["at"])
    for name in ("role", "organisation", "fhir_user", "purpose"):
        op.add_column("change", sa.Column(name, TEXT))
    op.add_column("change", sa.Column("origin", TEXT, nullable=False, server_default="client"))


def _only_added_to(dialect: str) -> None:
    """Nothing of the audit is changed, and nothing is taken away but by a pruning."""
    if dialect == "postgresql":
        op.execute(STANDS)
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(AUDIT)} FROM phb_asker")
        op.execute("REVOKE ALL ON audit_pruning FROM phb_asker")
    for table in AUDIT:
        for statement in GUARDS[dialect].split(";;"):
            op.execute(statement.format(table=table))


def _second_wall() -> None:
    """Requests of others than the deployment's own systems run under a role that row security holds."""
    op.execute(ROLE)
    op.execute("GRANT USAGE ON SCHEMA public TO phb_asker")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO phb_asker")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO phb_asker")
    for table in WALLED:
        person = "id" if table == "patient" else "person"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        column = f"{table}.{person}"
        newcomer = NEWCOMER.format(person=column) if table in {"patient", "change"} else ""
        tied = TIED.format(person=column, newcomer=newcomer)
        op.execute(f"CREATE POLICY tied ON {table} USING ({tied}) WITH CHECK (true)")


def _tables() -> None:
    """Every new table."""
    op.create_table(
        "audit_pruning",
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_audit_pruning")),
    )
    op.create_table(
        "audit_seal",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("xact", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("mac", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "audit_subject",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_audit_subject")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_subject_person", "audit_subject", ["person", "seq"], unique=False)
    op.create_table(
        "audit_tombstone",
        sa.Column("first", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("mac", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("first", name=op.f("pk_audit_tombstone")),
    )
    op.create_table(
        "emergency",
        sa.Column("emergency_id", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("who", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("client", TEXT, nullable=False),
        sa.Column("request", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("emergency_id", name=op.f("pk_emergency")),
    )
    op.create_index("ix_emergency_person", "emergency", ["person"], unique=False)
    op.create_index("ix_emergency_started", "emergency", ["started"], unique=False)
    op.create_table(
        "engagement",
        sa.Column("engagement_id", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("people", TEXT, nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("engagement_id", name=op.f("pk_engagement")),
    )
    op.create_table(
        "tie",
        sa.Column("person", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("who", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "kind", "who", "source", "start", name=op.f("pk_tie")),
    )
    op.create_index("ix_tie_who", "tie", ["who", "kind", "person"], unique=False)
    op.create_table(
        "external_login",
        sa.Column("state_digest", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("browser_digest", sa.Text(), nullable=False),
        sa.Column("nonce_digest", sa.Text(), nullable=False),
        sa.Column("code_verifier", sa.Text(), nullable=False),
        sa.Column("then", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("state_digest"),
    )
    op.create_table(
        "login_attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("good_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "subject_token",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "digest"),
    )
    op.create_index("subject_token_expires", "subject_token", ["expires_at"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('active', 'closed')", name="user_account_status"),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "authorization_request",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column("launch", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("authorization_request_expires", "authorization_request", ["expires_at"], unique=False)
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.account_id"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_table(
        "grant_",
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("fhir_user", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("session_digest", sa.Text(), nullable=True),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("acr", sa.Text(), nullable=True),
        sa.Column("amr", sa.Text(), server_default="[]", nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.account_id"]),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"]),
        sa.PrimaryKeyConstraint("grant_id"),
    )
    op.create_index("grant_account", "grant_", ["account_id"], unique=False)
    op.create_index("grant_client", "grant_", ["client_id"], unique=False)
    op.create_table(
        "launch",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.account_id"]),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "login_session",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("acr", sa.Text(), nullable=True),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.account_id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("login_session_account", "login_session", ["account_id"], unique=False)
    op.create_index("login_session_expires", "login_session", ["expires_at"], unique=False)
    op.create_table(
        "user_link",
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("fhir_user", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.account_id"]),
        sa.PrimaryKeyConstraint("link_id"),
    )
    op.create_index("user_link_account", "user_link", ["account_id"], unique=False)
    op.create_index("user_link_fhir_user", "user_link", ["fhir_user"], unique=False)
    op.create_table(
        "authorization_code",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_.grant_id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("authorization_code_expires", "authorization_code", ["expires_at"], unique=False)
    op.create_table(
        "refresh_token",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_.grant_id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("refresh_token_grant", "refresh_token", ["grant_id"], unique=False)


def downgrade() -> None:
    """Without them."""
    dialect = op.get_bind().dialect.name
    for table in AUDIT:
        for trigger in DROPPED[dialect]:
            op.execute(trigger.format(table=table))
    if dialect == "postgresql":
        op.execute("DROP FUNCTION audit_stands")
        for table in WALLED:
            op.execute(f"DROP POLICY tied ON {table}")
            op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.drop_table("refresh_token")
    op.drop_table("authorization_code")
    op.drop_table("user_link")
    op.drop_table("login_session")
    op.drop_table("launch")
    op.drop_table("grant_")
    op.drop_table("external_identity")
    op.drop_table("authorization_request")
    op.drop_table("user_account")
    op.drop_table("subject_token")
    op.drop_table("login_attempt")
    op.drop_table("external_login")
    op.drop_table("tie")
    op.drop_table("engagement")
    op.drop_table("emergency")
    op.drop_table("audit_tombstone")
    op.drop_table("audit_subject")
    op.drop_table("audit_seal")
    op.drop_table("audit_pruning")
    for name in ("origin", "purpose", "fhir_user", "organisation", "role"):
        op.drop_column("change", name)
    op.drop_index("ix_audit_at", table_name="audit")
    op.drop_index("ix_audit_order", table_name="audit")
    for name in AUDIT_COLUMNS:
        op.drop_column("audit", name)
    op.drop_column("history", "kind")
    op.drop_index("access_token_grant", table_name="access_token")
    op.drop_column("access_token", "grant_id")
    with op.batch_alter_table("client") as client:
        client.drop_constraint("client_kind", type_="check")
        for name in CLIENT_COLUMNS:
            client.drop_column(name)
