"""The input of the Responses API: a text, or items of several kinds, read into messages."""

from __future__ import annotations

from keytui.servers.practice import errors
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.prompt import Message
from keytui.servers.practice.reply import dumps

ROLES = ("assistant", "system", "developer", "user")
_TEXTS = {"input_text": "text", "output_text": "text", "refusal": "refusal", "summary_text": "text"}
"""Kinds of content parts that hold text, and the field it is in."""


def read_input(body: Body, *, required: bool = True) -> list[Message]:
    """The messages of ``input``. Raises 400."""
    value = body.fields.get("input")
    if isinstance(value, str):
        return [Message("user", value)]
    if value is None:
        if required:
            raise body.missing("input")
        return []
    if not isinstance(value, list):
        raise body.wrong_type("input", "one of a string or array of objects")
    return [message for item in body.parts("input") or [] if (message := _item(item)) is not None]


def _item(item: Body) -> Message | None:
    kind = item.text("type") or "message"
    if kind == "message":
        return _message(item)
    if kind in ("reasoning", "item_reference"):
        # Reasoning of earlier turns is not laid before the model again, and references hold no text of their own.
        return None
    return Message("tool" if kind.endswith("_output") else "assistant", dumps(dict(item.fields)).decode())


def _message(item: Body) -> Message:
    role = item.choice("role", ROLES)
    if role is None:
        raise item.missing("role")
    content = item.fields.get("content")
    if isinstance(content, str):
        return Message(role, content)
    if not isinstance(content, list):
        raise item.wrong_type("content", "one of a string or array of objects")
    text, images, marked = "", 0, False
    for part in item.parts("content") or []:
        kind = part.required_text("type")
        if kind in _TEXTS:
            piece = part.text(_TEXTS[kind])
            if piece is None:
                raise part.missing(_TEXTS[kind])
            text += piece
        elif kind == "input_image":
            images += 1
        else:
            raise errors.invalid(
                f"Invalid value: '{kind}'. Supported values are: 'input_text', 'input_image', 'output_text', "
                "'refusal', and 'summary_text'.",
                part.at("type"),
                "invalid_value",
            )
        marked = marked or part.has("prompt_cache_breakpoint")
    return Message(role, text, images=images, breakpoint=marked)
