"""How other programs use a key: commands and short programs, with the key by environment variable only."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from keytui.domain.keys import OPENAI_BASE_URL

QUESTION = "Say hello."


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way of using a key."""

    name: str
    text: str
    note: str
    """What it does, or the command that runs it."""


def snippets(*, key_name: str, base_url: str, model: str, embeddings: bool = False) -> tuple[Snippet, ...]:
    """The snippets for a key: any program first, then Python, curl and Node.

    None of them holds the key itself: each reads ``OPENAI_API_KEY``, which ``keytui exec`` sets for one program.
    With ``embeddings`` they ask for a vector instead of an answer.
    """
    name = shlex.quote(key_name)
    run = f"keytui exec -k {name} --"
    return (
        Snippet("Any program", f"{run} your-program", "It finds the key in its environment; no other program does."),
        Snippet("Python", _python(base_url, model, embeddings), f"{run} python hello.py"),
        Snippet("curl", _curl(base_url, model, embeddings), f"{run} sh hello.sh"),
        Snippet("Node", _node(base_url, model, embeddings), f"{run} node hello.mjs"),
    )


def _python(base_url: str, model: str, embeddings: bool) -> str:
    address = "" if base_url == OPENAI_BASE_URL else f"base_url={json.dumps(base_url)}"
    begin = f"from openai import OpenAI\nclient = OpenAI({address})\n"
    if embeddings:
        asked = f'model={json.dumps(model)}, input="{QUESTION}"'
        return f"{begin}answer = client.embeddings.create({asked})\nprint(answer.data[0].embedding)"
    return (
        f"{begin}answer = client.chat.completions.create(\n"
        f"    model={json.dumps(model)},\n"
        f'    messages=[{{"role": "user", "content": "{QUESTION}"}}],\n'
        ")\n"
        "print(answer.choices[0].message.content)"
    )


def _curl(base_url: str, model: str, embeddings: bool) -> str:
    if embeddings:
        path, body = "/embeddings", f'{{"model": {json.dumps(model)}, "input": "{QUESTION}"}}'
    else:
        path = "/chat/completions"
        body = f'{{"model": {json.dumps(model)}, "messages": [\n  {{"role": "user", "content": "{QUESTION}"}}]}}'
    return (
        f"curl -s {shlex.quote(base_url + path)} \\\n"
        '  -H "Authorization: Bearer $OPENAI_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(body)}"
    )


def _node(base_url: str, model: str, embeddings: bool) -> str:
    address = "" if base_url == OPENAI_BASE_URL else f"{{ baseURL: {json.dumps(base_url)} }}"
    begin = f'import OpenAI from "openai";\nconst client = new OpenAI({address});\n'
    if embeddings:
        asked = f'{{ model: {json.dumps(model)}, input: "{QUESTION}" }}'
        return f"{begin}const answer = await client.embeddings.create({asked});\nconsole.log(answer.data[0].embedding);"
    return (
        f"{begin}const answer = await client.chat.completions.create({{\n"
        f"  model: {json.dumps(model)},\n"
        f'  messages: [{{ role: "user", content: "{QUESTION}" }}],\n'
        "});\n"
        "console.log(answer.choices[0].message.content);"
    )
