"""The exact request as programs: it runs, says the same, and holds no key."""

from __future__ import annotations

import ast
import json
import subprocess

from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.openai.requests import body_for
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.view_as import chat_body, view_as

GATEWAY = "https://gateway.example/v1"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def question(text: str) -> Question:
    parameters = Parameters("low", 40, 0.5, "flex", "high")
    return Question("gpt-6-luna", (ChatMessage("user", text),), f"Be {text}.", parameters, "c-1")


@given(TEXTS)
def test_it_is_what_keytui_sends_but_for_the_streaming(text: str) -> None:
    sent = body_for("chat", question(text), GATEWAY)
    assert chat_body(question(text)) == {
        name: value for name, value in sent.items() if name not in ("stream", "stream_options")
    }


@given(TEXTS)
def test_python_says_the_same(text: str) -> None:
    [python, _, _] = view_as(question(text), key_name="work", base_url=GATEWAY)
    create = ast.parse(python.text).body[2]
    assert isinstance(create, ast.Assign)
    assert isinstance(create.value, ast.Call)
    said = {word.arg: ast.literal_eval(word.value) for word in create.value.keywords}
    assert said == chat_body(question(text))
    assert "base_url='https://gateway.example/v1'" in python.text


def test_a_shell_says_the_same_whatever_is_in_the_text() -> None:
    nasty = 'it\'s $HOME `id` \\ "quoted"\n!'
    [_, curl, node] = view_as(question(nasty), key_name="my work", base_url=GATEWAY)
    script = f'curl() {{ for last; do :; done; printf %s "$last"; }}\n{curl.text}'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout
    assert json.loads(said) == chat_body(question(nasty))
    assert curl.note == "keytui exec -k 'my work' -- sh request.sh"
    assert "$OPENAI_API_KEY" in curl.text
    body = node.text.split("create(", 1)[1].split(");\nconsole", 1)[0]
    assert json.loads(body) == chat_body(question(nasty))
