from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.keys import KeyKind
from keytui.domain.paste import clean, looks_like_secret
from keytui.domain.shapes import resembles_key

ALPHABET = string.ascii_letters + string.digits + "_-"
HALF = "aB3_" * 18 + "xY"
PROJECT = f"sk-proj-{HALF}T3BlbkFJ{HALF[::-1]}"
LEGACY = "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"


def halves(size: int) -> st.SearchStrategy[str]:
    # A key does not end in a dash: what a paste adds of these could not be told from it.
    body = st.text(ALPHABET, min_size=size, max_size=size)
    return body.map(lambda text: text[:-1] + "Q").filter(lambda text: "sk-" not in text and "T3BlbkFJ" not in text)


@st.composite
def openai_keys(draw: st.DrawFn) -> str:
    """A key of the shape that public secret scanners know (openai-facts 1.6)."""
    prefix = draw(st.sampled_from(["sk-proj-", "sk-svcacct-", "sk-admin-"]))
    size = draw(st.sampled_from([58, 74]))
    return f"{prefix}{draw(halves(size))}T3BlbkFJ{draw(halves(size))}"


WRAPPINGS = [
    "{}",
    "  {}\n",
    "\t{}\r\n\r\n",
    "'{}'",
    '"{}"',
    "“{}”",
    "`{}`",
    "OPENAI_API_KEY={}",
    "OPENAI_API_KEY = '{}'",
    'export OPENAI_API_KEY="{}"',
    "set OPENAI_API_KEY={}",
    '$env:OPENAI_API_KEY = "{}"',
    "Bearer {}",
    "Authorization: Bearer {}",
    '-H "Authorization: Bearer {}" \\',
    '{{"api_key": "{}"}}',
    "my key is {} thanks",
    "# a note\nOPENAI_API_KEY={}\nOTHER=1",
    "\ufeff{}",
    "\x1b[200~{}\x1b[201~",
]


@given(openai_keys(), st.sampled_from(WRAPPINGS))
def test_the_key_comes_out_of_any_wrapping(key: str, wrapping: str) -> None:
    pasted = clean(wrapping.format(key))
    assert pasted.problem is None
    assert pasted.secret.reveal() == key
    assert bool(pasted.notes) == (wrapping != "{}")


@given(openai_keys(), st.data())
def test_a_cut_paste_is_joined(key: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(len("sk-svcacct-") + 1, len(key) - 1))
    gap = data.draw(st.sampled_from(["\n", "\r\n", " \n ", "\n\t"]))
    pasted = clean(key[:at] + gap + key[at:])
    assert pasted.secret.reveal() == key
    assert "a break in the middle" in pasted.notes


@given(openai_keys(), st.data())
def test_invisible_characters_anywhere_are_taken_out(key: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(key)))
    invisible = data.draw(st.sampled_from("\u200b\u200d\u2060\ufeff\u00ad\u202e\x00\x07"))
    pasted = clean(key[:at] + invisible + key[at:])
    assert pasted.secret.reveal() == key
    assert "invisible characters" in pasted.notes


@given(openai_keys(), openai_keys(), st.sampled_from(["\n", " ", ", ", "", "\nOTHER_KEY="]))
def test_two_keys_are_refused_and_one_twice_is_one(first: str, second: str, between: str) -> None:
    twice = clean(first + between + first)
    assert twice.secret.reveal() == first
    if first != second:
        assert "two different keys" in (clean(first + between + second).problem or "")


@given(st.text())
def test_any_text_gives_a_sendable_key_or_a_sentence(text: str) -> None:
    for address in ("https://api.openai.com/v1", "http://127.0.0.1:4000/v1"):
        pasted = clean(text, base_url=address)
        if pasted.problem is None:
            key = pasted.secret.reveal()
            assert key
            assert all("!" <= character <= "~" for character in key)
            again = clean(key, base_url=address)
            assert again.problem is None
            assert again.secret == pasted.secret
        else:
            assert pasted.problem.endswith((".", "make a new one."))


@given(openai_keys(), st.sampled_from(WRAPPINGS), st.sampled_from(["", "é", "...", "\n" + LEGACY]))
def test_no_word_about_a_paste_holds_any_of_it(key: str, wrapping: str, odd: str) -> None:
    pasted = clean(wrapping.format(key[:60] + odd + key[60:]))
    said = " ".join([pasted.removed, *pasted.warnings, pasted.problem or "", pasted.name, repr(pasted)])
    body = key.split("-", 2)[2]
    assert not any(body[at : at + 8] in said for at in range(len(body) - 8))


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (PROJECT, KeyKind.PROJECT),
        (PROJECT.replace("proj", "svcacct"), KeyKind.SERVICE_ACCOUNT),
        (PROJECT.replace("proj", "admin"), KeyKind.ADMIN),
        (LEGACY, KeyKind.LEGACY),
    ],
)
def test_the_kind_is_told_by_the_beginning(key: str, kind: KeyKind) -> None:
    pasted = clean(key)
    assert pasted.kind is kind
    assert pasted.warnings == ()


@pytest.mark.parametrize(
    ("paste", "sentence"),
    [
        ("", "Nothing was pasted"),
        (" \n\t ", "Nothing was pasted"),
        ("sk-proj-abc", "too short"),
        ("sk-proj-abcd...wxyz", "shortened form"),
        ("sk-proj-********wxyz", "shortened form"),
        ("sk-proj-abcd…wxyz", "shortened form"),
        (PROJECT[:30] + "é" + PROJECT[30:], "“é”, a character that no key has"),
        ("sk-ant-api03-" + HALF, "an Anthropic key"),
        ("AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", "a Google key"),
        ("gsk_" + HALF, "a Groq key"),
        ("xai-" + HALF, "an xAI key"),
        ("hf_" + HALF, "a Hugging Face token"),
        ("sk-or-v1-" + HALF, "an OpenRouter key"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(paste: str, sentence: str) -> None:
    pasted = clean(paste)
    assert sentence in (pasted.problem or "")


def test_a_missing_end_is_a_warning_since_lengths_may_change() -> None:
    pasted = clean(PROJECT[:120])
    assert pasted.problem is None
    assert "end of the key seems to be missing" in pasted.warnings[0]


@pytest.mark.parametrize(
    ("paste", "key"),
    [
        ("lm-studio", "lm-studio"),
        ("export GATEWAY_KEY='abc.def=='", "abc.def=="),
        ("sk-1234.abc/def", "sk-1234.abc/def"),
        ("sk-ant-api03-" + HALF, "sk-ant-api03-" + HALF),
        ("Bearer none", "none"),
    ],
)
def test_a_gateway_takes_any_key(paste: str, key: str) -> None:
    pasted = clean(paste, base_url="http://127.0.0.1:4000/v1")
    assert (pasted.secret.reveal(), pasted.problem, pasted.warnings) == (key, None, ())


@given(openai_keys(), st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40))
def test_a_key_in_a_chat_is_noticed(key: str, around: str) -> None:
    # A letter, digit or dash that touches the key makes it part of a longer word.
    text = f"{around} {key} {around}"
    assert any(text[seen.start : seen.end] == key for seen in looks_like_secret(text))


@pytest.mark.parametrize(
    "text",
    [
        "use sk-proj-your-api-key-goes-here-please",
        "sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "class sk-loading-spinner-container-with-a-very-long-name",
        "export OPENAI_API_KEY=sk-...",
        "task-1234567890abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_placeholders_and_words_are_not_keys(text: str) -> None:
    assert looks_like_secret(text) == []


def test_every_vendor_is_named() -> None:
    text = f"{PROJECT} and sk-ant-api03-{HALF} and {LEGACY} and ghp_{HALF}"
    assert [seen.name for seen in looks_like_secret(text)] == [
        "an OpenAI project key",
        "an Anthropic key",
        "an OpenAI legacy key",
        "a GitHub token",
    ]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("sk-or-v1-" + HALF, "an OpenRouter key"),
        ("AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", "a Google key"),
        ("csk-" + HALF, "a Cerebras key"),
        ("ABSKQmVkcm9ja0FQSUtleS1hYmNkMTIzNDU2Nzg5MGFiY2RlZg==", "an Amazon Bedrock key"),
        ("AKIAIOSFODNN7EXAMPL3", "an AWS access key"),
        ("xoxb-123456789012-abcDEF123456", "a Slack token"),
        ("sk-3fA9_kQz7LmN2-pR5tUvWx", "a key"),
        ("sk-" + "0123456789abcdef" * 2, "a key"),
    ],
)
def test_other_vendors_keys_are_noticed_in_a_chat(key: str, name: str) -> None:
    assert [seen.name for seen in looks_like_secret(f"why is {key!r} refused?")] == [name]


@given(openai_keys())
def test_a_key_is_never_taken_for_a_name(key: str) -> None:
    assert resembles_key(key)
    assert resembles_key(f"--key={key}")
    assert not resembles_key("work")
