"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the schema forward."""

    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_table(
        "days_done",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "day", name=op.f("pk_days_done")),
    )
    op.create_table(
        "employees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=True),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("prefers", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('employee','head','admin')", name=op.f("ck_employees_role")),
        sa.ForeignKeyConstraint(["deputy_id"], ["employees.id"], name=op.f("fk_employees_deputy_id_employees")),
        sa.ForeignKeyConstraint(["manager_id"], ["employees.id"], name=op.f("fk_employees_manager_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employees")),
    )
    with op.batch_alter_table("employees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employees_department"), ["department"], unique=False)
        batch_op.create_index(batch_op.f("ix_employees_name"), ["name"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "event", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_at", ["at"], unique=False)

    op.create_table(
        "web_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_changes")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_accounts_employee_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("platform", "workspace", "user", name=op.f("uq_accounts_platform_workspace_user")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index("ix_accounts_employee", ["employee_id", "platform"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("asking", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_drafts_employee_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_employee_id"), ["employee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_drafts_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["employees.id"], name=op.f("fk_history_by_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_about", ["about", "id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("face", sa.String(), nullable=True),
        sa.Column("card", sa.String(), nullable=True),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=True),
        sa.Column("under", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("avoid", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_channel", sa.String(), nullable=True),
        sa.Column("ref", sa.String(), nullable=True),
        sa.Column("drawn", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('waiting','sent','dead')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(["person_id"], ["employees.id"], name=op.f("fk_outbox_person_id_employees")),
        sa.ForeignKeyConstraint(["under"], ["outbox.id"], name=op.f("fk_outbox_under_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_about", ["about"], unique=False)
        batch_op.create_index(
            "ix_outbox_done",
            ["sent_at"],
            unique=False,
            sqlite_where=sa.text("about IS NULL"),
            postgresql_where=sa.text("about IS NULL"),
        )
        batch_op.create_index(
            "ix_outbox_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index("ix_outbox_ref", ["platform", "ref"], unique=False)

    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chased", sa.String(), nullable=False),
        sa.Column("escalated", sa.Integer(), nullable=False),
        sa.Column("files", sa.String(), nullable=False),
        sa.CheckConstraint("(status <> 'taken') OR owner_id IS NOT NULL", name=op.f("ck_tickets_owned")),
        sa.CheckConstraint("status IN ('open','taken','resolved','closed')", name=op.f("ck_tickets_status")),
        sa.CheckConstraint("urgency IN ('normal','high','critical')", name=op.f("ck_tickets_urgency")),
        sa.ForeignKeyConstraint(["owner_id"], ["employees.id"], name=op.f("fk_tickets_owner_id_employees")),
        sa.ForeignKeyConstraint(["reporter_id"], ["employees.id"], name=op.f("fk_tickets_reporter_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tickets_chase",
            ["chase_at"],
            unique=False,
            sqlite_where=sa.text("chase_at IS NOT NULL"),
            postgresql_where=sa.text("chase_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_tickets_open",
            ["department", "answer_by", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('open','taken')"),
            postgresql_where=sa.text("status IN ('open','taken')"),
        )
        batch_op.create_index(
            "ix_tickets_owner",
            ["owner_id", "answer_by", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('open','taken')"),
            postgresql_where=sa.text("status IN ('open','taken')"),
        )
        batch_op.create_index("ix_tickets_reporter", ["reporter_id", "id"], unique=False)
        batch_op.create_index(
            "ix_tickets_waiting",
            ["reporter_id", "answer_by", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('open','taken')"),
            postgresql_where=sa.text("status IN ('open','taken')"),
        )

    op.create_table(
        "web_invitations",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employees.id"], name=op.f("fk_web_invitations_employee_id_employees")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_invitations")),
    )
    with op.batch_alter_table("web_invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_invitations_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "web_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("card", sa.String(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["employees.id"], name=op.f("fk_web_messages_author_id_employees")),
        sa.ForeignKeyConstraint(["thread"], ["web_messages.id"], name=op.f("fk_web_messages_thread_web_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_messages")),
        sa.UniqueConstraint("change", name=op.f("uq_web_messages_change")),
        sa.UniqueConstraint("key", name=op.f("uq_web_messages_key")),
    )
    with op.batch_alter_table("web_messages", schema=None) as batch_op:
        batch_op.create_index("ix_web_messages_place", ["channel", "thread", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_web_messages_thread"), ["thread"], unique=False)

    op.create_table(
        "web_seen",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_web_seen_employee_id_employees")),
        sa.PrimaryKeyConstraint("employee_id", "channel", name=op.f("pk_web_seen")),
    )
    op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_web_sessions_employee_id_employees")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_sessions")),
    )
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_sessions_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "ticket_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("files", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["employees.id"], name=op.f("fk_ticket_notes_by_id_employees")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_notes_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_notes")),
    )
    with op.batch_alter_table("ticket_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_notes_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "web_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["web_messages.id"], name=op.f("fk_web_files_message_id_web_messages")),
        sa.ForeignKeyConstraint(["owner_id"], ["employees.id"], name=op.f("fk_web_files_owner_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_files")),
    )
    with op.batch_alter_table("web_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_files_message_id"), ["message_id"], unique=False)


def downgrade() -> None:
    """There is no way back: restore a backup."""
    raise NotImplementedError("restore a backup instead")
