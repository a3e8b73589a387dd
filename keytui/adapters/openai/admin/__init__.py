"""The organisation, managed through the official SDK with an admin key.

Import it lazily: its first use loads the SDK, in a thread. The key is kept in memory, in this object and the SDK's
client, until ``close``.
"""

from __future__ import annotations

from keytui.adapters.openai.admin.accounts import Accounts
from keytui.adapters.openai.admin.looking import Looking
from keytui.adapters.openai.admin.projects import Projects
from keytui.adapters.openai.admin.spend import Spend

__all__ = ["OpenAIAdmin"]


class OpenAIAdmin(Looking, Projects, Spend, Accounts):
    """Implements ``AdminPort``. Making one is instant. Retries nothing."""
