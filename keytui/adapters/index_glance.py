"""A quick look into the index of keys, without the domain's types: for commands that must start at once.

Reads only. Whatever is wrong with the file is told by ``keystore.index``, which knows the words for it.
"""

import os
import sys

Entry = dict[str, object]
"""A key as it stands in the index: ``id``, ``name``, ``place``, ``base_url`` and so on."""

VERSION = 1


def index_path() -> str:
    """Where the index is: the same place as ``paths.find().keys_file``, found without platformdirs on Linux."""
    if home := os.environ.get("KEYTUI_HOME"):
        return os.path.join(os.path.abspath(os.path.expanduser(home)), "data", "keys.json")
    if sys.platform == "linux":
        data = os.environ.get("XDG_DATA_HOME", "").strip() or os.path.expanduser("~/.local/share")
        return os.path.join(data, "keytui", "keys.json")
    from keytui.adapters.paths import find

    return str(find().keys_file)


def entries() -> tuple[list[Entry], object]:
    """All keys in order, and the id of the active one. Raises ``StoreUnreadable``."""
    path = index_path()
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except FileNotFoundError:
        return [], None
    except OSError:
        raw = b""
    import json

    try:
        document = json.loads(raw)
        if document["version"] != VERSION:
            raise ValueError
        for entry in document["keys"]:
            if not (entry["id"] and entry["name"] and entry["place"] and entry["base_url"]):
                raise ValueError
        return document["keys"], document.get("active")
    except (ValueError, TypeError, KeyError, RecursionError):
        from pathlib import Path

        from keytui.adapters.keystore.index import KeyIndex

        document = KeyIndex(Path(path)).read()
        return document["keys"], document["active"]
