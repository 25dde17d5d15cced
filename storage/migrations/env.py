"""Runs migrations on the connection that `schema.upgrade` hands over, inside its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from storage.tables import Moment


def plain(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Writes our column types as the database knows them, so that a migration outlives the code."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=plain,
    transactional_ddl=False,
)
context.run_migrations()
