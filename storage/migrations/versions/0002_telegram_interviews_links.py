"""Telegram, interviews, links"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the schema forward."""
    op.create_table(
        "chat_moves",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "old", name=op.f("pk_chat_moves")),
    )
    op.create_table(
        "link_guesses",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "user", name=op.f("pk_link_guesses")),
    )
    op.create_table(
        "confirmations",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_confirmations_employee_id_employees")),
        sa.PrimaryKeyConstraint("employee_id", "action", name=op.f("pk_confirmations")),
    )
    op.create_table(
        "interviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("asking", sa.String(), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open','aside','sent','dropped')", name=op.f("ck_interviews_state")),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_interviews_employee_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
    )
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interviews_employee_id"), ["employee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_interviews_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            "ix_interviews_open",
            ["platform", "channel"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "link_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_link_codes_employee_id_employees")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_link_codes")),
    )
    with op.batch_alter_table("link_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_codes_employee_id"), ["employee_id"], unique=False)

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("met_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("lost_why", sa.String(), nullable=False, server_default=""))

    with op.batch_alter_table("employees", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quiet", sa.String(), nullable=False, server_default=""))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_outbox_dead",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        )
        batch_op.create_index(
            "ix_outbox_waits",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("waits_until IS NOT NULL AND ref IS NULL"),
            postgresql_where=sa.text("waits_until IS NOT NULL AND ref IS NULL"),
        )
    op.create_table(
        "outbox_enclosed",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["row_id"], ["outbox.id"], name=op.f("fk_outbox_enclosed_row_id_outbox"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("platform", "channel", "ref", name=op.f("pk_outbox_enclosed")),
    )
    with op.batch_alter_table("outbox_enclosed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_enclosed_row_id"), ["row_id"], unique=False)


def downgrade() -> None:
    """There is no way back: restore a backup."""
    raise NotImplementedError("restore a backup instead")
