"""The owner of a practice organisation: makes and revokes keys, as a person would on the platform's pages."""

from __future__ import annotations

from typing import Any

import httpx2


class Owner:
    """Acts through the service's own Admin API, beside keytui."""

    def __init__(self, base_url: str, admin_key: str) -> None:
        self._client = httpx2.Client(base_url=base_url, headers={"Authorization": f"Bearer {admin_key}"})

    def _call(self, method: str, path: str, **body: Any) -> Any:
        reply = self._client.request(method, f"organization/{path}", json=body or None)
        reply.raise_for_status()
        return reply.json()

    def make_key(self, name: str = "rotated") -> str:
        """The characters of a new key, in a project of its own."""
        project = self.make_project(name)
        account = self._call("POST", f"projects/{project}/service_accounts", name=name)
        return str(account["api_key"]["value"])

    def make_project(self, name: str) -> str:
        """The id of a new project with nothing in it."""
        return str(self._call("POST", "projects", name=name)["id"])

    def listed(self) -> dict[str, dict[str, Any]]:
        """Every key that there is, in whatever project, by its last four characters."""
        projects = self._call("GET", "projects")["data"]
        keys = [key for one in projects for key in self._call("GET", f"projects/{one['id']}/api_keys")["data"]]
        return {key["redacted_value"][-4:]: key for key in keys}

    def revoke(self, key: str) -> None:
        """Revoke a key, known by its last characters."""
        for project in self._call("GET", "projects")["data"]:
            keys = f"projects/{project['id']}/api_keys"
            for listed in self._call("GET", keys)["data"]:
                if listed["redacted_value"].endswith(key[-4:]):
                    account = listed["owner"].get("service_account")
                    path = f"projects/{project['id']}/service_accounts/{account['id']}" if account else None
                    self._call("DELETE", path or f"{keys}/{listed['id']}")
                    return
        raise LookupError("there is no such key")

    def close(self) -> None:
        self._client.close()
