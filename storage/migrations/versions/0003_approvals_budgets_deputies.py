"""Approvals, budgets, deputies"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the schema forward."""
    op.add_column("outbox", sa.Column("record", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("for_id", sa.Integer(), nullable=True))
    op.create_table(
        "approval_definitions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_approval_definitions")),
    )
    op.create_table(
        "budgets",
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("drawn", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("drawn >= 0", name=op.f("ck_budgets_drawn")),
        sa.PrimaryKeyConstraint("department", "period", "currency", name=op.f("pk_budgets")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("aim", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("resume", sa.Integer(), nullable=True),
        sa.Column("chosen", sa.String(), nullable=False),
        sa.Column("related", sa.String(), nullable=False),
        sa.Column("spared", sa.String(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo", sa.String(), nullable=False),
        sa.CheckConstraint("aim IN ('grant','withdraw')", name=op.f("ck_approvals_aim")),
        sa.CheckConstraint(
            "status IN ('pending','returned','approved','rejected','withdrawn','terminated')",
            name=op.f("ck_approvals_status"),
        ),
        sa.CheckConstraint("minor IS NULL OR minor >= 0", name=op.f("ck_approvals_amount")),
        sa.ForeignKeyConstraint(
            ["digest"], ["approval_definitions.digest"], name=op.f("fk_approvals_digest_approval_definitions")
        ),
        sa.ForeignKeyConstraint(["requester_id"], ["employees.id"], name=op.f("fk_approvals_requester_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_approvals_pending",
            ["id"],
            unique=False,
            sqlite_where=sa.text("status IN ('pending','returned')"),
            postgresql_where=sa.text("status IN ('pending','returned')"),
        )
        batch_op.create_index("ix_approvals_requester", ["requester_id", "id"], unique=False)
        batch_op.create_index("ix_approvals_template", ["template", "id"], unique=False)

    op.create_table(
        "budget_drawings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["employees.id"], name=op.f("fk_budget_drawings_by_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_drawings")),
    )
    with op.batch_alter_table("budget_drawings", schema=None) as batch_op:
        batch_op.create_index("ix_budget_drawings_about", ["about"], unique=False)
        batch_op.create_index("ix_budget_drawings_budget", ["department", "period"], unique=False)

    op.create_table(
        "deputyships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('planned','running','ended')", name=op.f("ck_deputyships_status")),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_deputyships_bounded")),
        sa.CheckConstraint("person_id <> deputy_id", name=op.f("ck_deputyships_another")),
        sa.ForeignKeyConstraint(["deputy_id"], ["employees.id"], name=op.f("fk_deputyships_deputy_id_employees")),
        sa.ForeignKeyConstraint(["made_by_id"], ["employees.id"], name=op.f("fk_deputyships_made_by_id_employees")),
        sa.ForeignKeyConstraint(["person_id"], ["employees.id"], name=op.f("fk_deputyships_person_id_employees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputyships")),
    )
    with op.batch_alter_table("deputyships", schema=None) as batch_op:
        batch_op.create_index("ix_deputyships_deputy", ["deputy_id", "status"], unique=False)
        batch_op.create_index("ix_deputyships_person", ["person_id", "status"], unique=False)
        batch_op.create_index(
            "ix_deputyships_turn",
            ["turn_at"],
            unique=False,
            sqlite_where=sa.text("turn_at IS NOT NULL"),
            postgresql_where=sa.text("turn_at IS NOT NULL"),
        )

    op.create_table(
        "approval_copies",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["employees.id"], name=op.f("fk_approval_copies_person_id_employees")),
        sa.ForeignKeyConstraint(["request_id"], ["approvals.id"], name=op.f("fk_approval_copies_request_id_approvals")),
        sa.PrimaryKeyConstraint("request_id", "person_id", name=op.f("pk_approval_copies")),
    )
    with op.batch_alter_table("approval_copies", schema=None) as batch_op:
        batch_op.create_index("ix_approval_copies_person", ["person_id", "request_id"], unique=False)

    op.create_table(
        "approval_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chased", sa.String(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.CheckConstraint("(place = 'step') = (parent_id IS NULL)", name=op.f("ck_approval_tasks_parent")),
        sa.CheckConstraint("place IN ('step','before','after','beside','lent')", name=op.f("ck_approval_tasks_place")),
        sa.CheckConstraint(
            "status IN ('waiting','open','approved','rejected','skipped','gone')", name=op.f("ck_approval_tasks_status")
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved','rejected') OR decided_at IS NOT NULL", name=op.f("ck_approval_tasks_decided")
        ),
        sa.CheckConstraint("claimed_at IS NULL OR status = 'open'", name=op.f("ck_approval_tasks_claimed")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["employees.id"], name=op.f("fk_approval_tasks_decided_by_id_employees")
        ),
        sa.ForeignKeyConstraint(["for_id"], ["employees.id"], name=op.f("fk_approval_tasks_for_id_employees")),
        sa.ForeignKeyConstraint(["from_id"], ["employees.id"], name=op.f("fk_approval_tasks_from_id_employees")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["approval_tasks.id"], name=op.f("fk_approval_tasks_parent_id_approval_tasks")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["employees.id"], name=op.f("fk_approval_tasks_person_id_employees")),
        sa.ForeignKeyConstraint(["request_id"], ["approvals.id"], name=op.f("fk_approval_tasks_request_id_approvals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_tasks")),
    )
    with op.batch_alter_table("approval_tasks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_approval_tasks_chase",
            ["chase_at"],
            unique=False,
            sqlite_where=sa.text("chase_at IS NOT NULL"),
            postgresql_where=sa.text("chase_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_approval_tasks_claimed",
            ["request_id"],
            unique=False,
            sqlite_where=sa.text("claimed_at IS NOT NULL"),
            postgresql_where=sa.text("claimed_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_approval_tasks_open",
            ["person_id", "opened_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.create_index("ix_approval_tasks_person", ["person_id", "request_id"], unique=False)
        batch_op.create_index("ix_approval_tasks_request", ["request_id", "round", "step"], unique=False)

    op.create_table(
        "approval_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("to_ids", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("files", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["employees.id"], name=op.f("fk_approval_acts_by_id_employees")),
        sa.ForeignKeyConstraint(["for_id"], ["employees.id"], name=op.f("fk_approval_acts_for_id_employees")),
        sa.ForeignKeyConstraint(["request_id"], ["approvals.id"], name=op.f("fk_approval_acts_request_id_approvals")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["approval_tasks.id"], name=op.f("fk_approval_acts_task_id_approval_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_acts")),
    )
    with op.batch_alter_table("approval_acts", schema=None) as batch_op:
        batch_op.create_index("ix_approval_acts_request", ["request_id", "id"], unique=False)

    op.create_table(
        "approval_queries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("of_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["employees.id"], name=op.f("fk_approval_queries_by_id_employees")),
        sa.ForeignKeyConstraint(["of_id"], ["employees.id"], name=op.f("fk_approval_queries_of_id_employees")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["approvals.id"], name=op.f("fk_approval_queries_request_id_approvals")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["approval_tasks.id"], name=op.f("fk_approval_queries_task_id_approval_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_queries")),
    )
    with op.batch_alter_table("approval_queries", schema=None) as batch_op:
        batch_op.create_index("ix_approval_queries_request", ["request_id"], unique=False)

    op.create_table(
        "approval_seconds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("task_version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_via", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("fills", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["employees.id"], name=op.f("fk_approval_seconds_person_id_employees")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["approval_tasks.id"], name=op.f("fk_approval_seconds_task_id_approval_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_seconds")),
        sa.UniqueConstraint("task_id", "task_version", name=op.f("uq_approval_seconds_task_id_task_version")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_about", ["about", "seq"], unique=False)


def downgrade() -> None:
    """There is no way back: restore a backup."""
    raise NotImplementedError("restore a backup instead")
