"""Shipped templates that name a department that the company does not have are closed until the company writes them."""

from __future__ import annotations

from typing import Any

from config.handbook.approvals.checked import departments_of
from config.handbook.approvals.templates import Template


def fitted(values: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A whole handbook's values, fitted to a company that gives its own departments.

    A shipped template that the company does not mention, and that asks a department that it has not got, is closed
    (`enabled = false`) instead of refused, and shipped budgets of such departments are left out: who only
    names their departments has not decided anything about approvals yet. Takes and gives values as they are written.
    """
    departments, approvals = own.get("departments"), values.get("approvals")
    if not isinstance(departments, dict) or not isinstance(approvals, dict):
        return values
    decided = own.get("approvals", {})
    if not isinstance(decided, dict) or not isinstance(decided.get("templates", {}), dict):
        return values  # refused soon enough
    mentioned = decided.get("templates", {})
    templates = {
        key: written if key in mentioned or _has_all(written, departments) else {**written, "enabled": False}
        for key, written in approvals["templates"].items()
    }
    fit = {**approvals, "templates": templates}
    if "budgets" not in decided:
        fit["budgets"] = {key: budget for key, budget in approvals["budgets"].items() if key in departments}
    return {**values, "approvals": fit}


def _has_all(written: dict[str, Any], departments: dict[str, Any]) -> bool:
    return departments_of(Template.model_validate(written)) <= departments.keys()
