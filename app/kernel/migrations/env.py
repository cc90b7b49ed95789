"""How Alembic runs: engine and metadata come from `kernel/start.py`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine, MetaData, text

from app.kernel.scope import everything

engine: Engine = context.config.attributes["engine"]
metadata: MetaData = context.config.attributes["metadata"]
on_sqlite = engine.dialect.name == "sqlite"

options = {"lotse_write": True, "lotse_scope": everything("migration")}
with engine.execution_options(**options).connect() as connection:
    if on_sqlite:
        # Inside a transaction the pragma has no effect; batch mode drops and renames tables.
        dbapi = connection.connection.dbapi_connection
        assert dbapi is not None
        dbapi.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=on_sqlite,
        # Without it a migration killed in the middle leaves a schema that never migrates again.
        transactional_ddl=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if on_sqlite:
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        dbapi = connection.connection.dbapi_connection
        assert dbapi is not None
        connection.rollback()
        dbapi.execute("PRAGMA foreign_keys=ON")
        if broken:
            raise RuntimeError(f"foreign keys broken: {len(broken)}")
