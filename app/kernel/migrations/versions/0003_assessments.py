"""Checks, sealed answers, snapshots and reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("catalog", sa.String(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snapshot_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_assessments_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_assessments")),
    )
    op.create_index(
        "uq_assessments_open",
        "assessments",
        ["organisation_id", "catalog"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "answers",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessments.organisation_id", "assessments.id"],
            name=op.f("fk_answers_organisation_id_assessment_id_assessments"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "assessment_id", "question_id", name=op.f("pk_answers")
        ),
    )
    op.create_table(
        "snapshots",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessments.organisation_id", "assessments.id"],
            name=op.f("fk_snapshots_organisation_id_assessment_id_assessments"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_snapshots")),
    )
    op.create_index(
        op.f("ix_snapshots_organisation_id_snapshots_assessment_id"),
        "snapshots",
        ["organisation_id", "assessment_id"],
        unique=False,
    )
    op.create_table(
        "reports",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_reports_language")),
        sa.CheckConstraint(
            "state IN ('waiting', 'ready', 'failed', 'gone')", name=op.f("ck_reports_state")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "snapshot_id"],
            ["snapshots.organisation_id", "snapshots.id"],
            name=op.f("fk_reports_organisation_id_snapshot_id_snapshots"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_made_at"), "reports", ["made_at"], unique=False)
    op.create_index(
        op.f("ix_reports_organisation_id_reports_snapshot_id"),
        "reports",
        ["organisation_id", "snapshot_id"],
        unique=False,
    )
