"""The exact request as programs: Python, curl and Node, with the key from the environment only."""

from __future__ import annotations

import json
import shlex
from typing import Any

from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.question import Question
from keytui.domain.snippets import Snippet

Body = dict[str, Any]


def chat_body(question: Question) -> Body:
    """What Chat Completions is sent for a question, without the wish to be streamed to."""
    head = [{"role": "system", "content": question.instructions}] if question.instructions else []
    asked = question.parameters
    values = {
        "reasoning_effort": asked.effort,
        "max_completion_tokens": asked.max_output,
        "temperature": asked.temperature,
        "service_tier": asked.tier,
        "verbosity": asked.verbosity,
        "prompt_cache_key": question.cache_key,
    }
    return {
        "model": question.model,
        "messages": [*head, *({"role": message.role, "content": message.text} for message in question.messages)],
        **{name: value for name, value in values.items() if value is not None},
    }


def view_as(question: Question, *, key_name: str, base_url: str) -> tuple[Snippet, ...]:
    """The request in three languages. None of them holds the key: each reads ``OPENAI_API_KEY``."""
    body = chat_body(question)
    run = f"keytui exec -k {shlex.quote(key_name)} --"
    return (
        Snippet("Python", _python(body, base_url), f"{run} python request.py"),
        Snippet("curl", _curl(body, base_url), f"{run} sh request.sh"),
        Snippet("Node", _node(body, base_url), f"{run} node request.mjs"),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _python(body: Body, base_url: str) -> str:
    address = "" if base_url == OPENAI_BASE_URL else f"base_url={base_url!r}"
    lines = [f"    {name}={_literal(value)}," for name, value in body.items()]
    return "\n".join(
        [
            "from openai import OpenAI",
            "",
            f"client = OpenAI({address})",
            "answer = client.chat.completions.create(",
            *lines,
            ")",
            "print(answer.choices[0].message.content)",
        ]
    )


def _literal(value: object) -> str:
    """A value as Python writes it, messages one below the other."""
    if not isinstance(value, list):
        return repr(value)
    rows = "".join(f"        {row!r},\n" for row in value)
    return f"[\n{rows}    ]"


def _curl(body: Body, base_url: str) -> str:
    return (
        f"curl -s {shlex.quote(base_url.rstrip('/') + '/chat/completions')} \\\n"
        '  -H "Authorization: Bearer $OPENAI_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(_json(body))}"
    )


def _node(body: Body, base_url: str) -> str:
    address = "" if base_url == OPENAI_BASE_URL else f"{{ baseURL: {json.dumps(base_url)} }}"
    return (
        'import OpenAI from "openai";\n\n'
        f"const client = new OpenAI({address});\n"
        f"const answer = await client.chat.completions.create({_json(body)});\n"
        "console.log(answer.choices[0].message.content);"
    )
