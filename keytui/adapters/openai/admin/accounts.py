"""Service accounts and keys."""

from __future__ import annotations

from typing import Any, Literal

from keytui.adapters.openai.admin.calling import Calling
from keytui.adapters.openai.rows import account, moment, text
from keytui.domain.organization.parts import MadeKey, ServiceAccount
from keytui.domain.secrets import Secret


class Accounts(Calling):
    """The part of ``AdminPort`` that is about service accounts and keys."""

    async def make_service_account(self, project_id: str, name: str) -> ServiceAccount:
        """See ``AdminPort.make_service_account``: without a key of its own, which could not be scoped."""
        wanted: Any = {"name": name, "create_service_account_only": True}
        return await self._read(
            lambda o: o.projects.service_accounts.with_raw_response.create(project_id, **wanted), account
        )

    async def rename_account(self, project_id: str, account_id: str, name: str) -> None:
        """See ``AdminPort.rename_account``."""
        await self._call(
            lambda o: o.projects.service_accounts.with_raw_response.update(account_id, project_id=project_id, name=name)
        )

    async def set_account_role(self, project_id: str, account_id: str, role: Literal["member", "owner"]) -> None:
        """See ``AdminPort.set_account_role``."""
        await self._call(
            lambda o: o.projects.service_accounts.with_raw_response.update(account_id, project_id=project_id, role=role)
        )

    async def delete_service_account(self, project_id: str, account_id: str) -> None:
        """See ``AdminPort.delete_service_account``."""
        await self._gone_or(
            lambda o: o.projects.service_accounts.with_raw_response.delete(account_id, project_id=project_id)
        )

    async def make_key(
        self, project_id: str, account_id: str, name: str, *, scopes: tuple[str, ...], expires_seconds: int | None
    ) -> MadeKey:
        """See ``AdminPort.make_key``."""
        wanted: dict[str, Any] = {"name": name}
        if scopes:
            wanted["scopes"] = list(scopes)
        if expires_seconds is not None:
            wanted["expires_in_seconds"] = expires_seconds

        def made(row: Any) -> MadeKey:
            value = text(row, "value")
            if not value:
                raise ValueError("a made key without its characters")
            return MadeKey(row.id, text(row, "name") or name, Secret(value), moment(row, "expires_at"))

        return await self._read(
            lambda o: o.projects.service_accounts.api_keys.with_raw_response.create(
                account_id, project_id=project_id, **wanted
            ),
            made,
        )

    async def set_key_scopes(self, project_id: str, key_id: str, scopes: tuple[str, ...]) -> None:
        """See ``AdminPort.set_key_scopes``."""
        await self._call(
            lambda o: o.projects.api_keys.with_raw_response.update(key_id, project_id=project_id, scopes=[*scopes])
        )

    async def set_key_life(self, project_id: str, key_id: str, seconds: int) -> None:
        """See ``AdminPort.set_key_life``."""
        await self._call(
            lambda o: o.projects.api_keys.with_raw_response.update(
                key_id, project_id=project_id, expires_in_seconds=seconds
            )
        )

    async def revoke_key(self, project_id: str, key_id: str) -> None:
        """See ``AdminPort.revoke_key``."""
        await self._gone_or(lambda o: o.projects.api_keys.with_raw_response.delete(key_id, project_id=project_id))
