"""Alembic's entry: runs revisions on the connection it is given, or on PHB_DATABASE_URL."""

import os

from alembic import context

from auth.store import METADATA as AUTH
from fhir_gateway.store.database import Database
from fhir_gateway.store.tables import METADATA

connection = context.config.attributes.get("connection")
if connection is None:
    connection = Database(os.environ["PHB_DATABASE_URL"]).engine.connect()
context.configure(connection=connection, target_metadata=[METADATA, AUTH], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
