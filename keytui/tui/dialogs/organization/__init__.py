"""The organisation as an admin key sees it: looked at, filtered, and changed with before and after shown."""

from __future__ import annotations

from keytui.tui.dialogs.organization.dialog import OrganizationDialog

__all__ = ["OrganizationDialog"]
