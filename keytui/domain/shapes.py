"""What keys of different vendors usually look like, told by their beginnings.

Source: openai-facts 1.6 and the vendors' public key formats as secret scanners list them, November 2026. OpenAI
publishes no length, so a length is only ever a reason to warn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from keytui.domain.keys import KeyKind

OPENAI = "OpenAI"
WATERMARK = "T3BlbkFJ"
"""In the middle of every key that OpenAI has made so far: as many characters before it as after it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the keys of one kind begin."""

    prefix: str
    vendor: str
    name: str
    """With its article: "an Anthropic key"."""
    kind: KeyKind
    least: int
    """Fewest characters after the prefix that are taken for a real key when it is met in a text."""


SHAPES = (
    Shape("sk-proj-", OPENAI, "an OpenAI project key", KeyKind.PROJECT, 20),
    Shape("sk-svcacct-", OPENAI, "an OpenAI service account key", KeyKind.SERVICE_ACCOUNT, 20),
    Shape("sk-admin-", OPENAI, "an OpenAI admin key", KeyKind.ADMIN, 20),
    Shape("sk-ant-", "Anthropic", "an Anthropic key", KeyKind.OTHER, 20),
    Shape("sk-or-", "OpenRouter", "an OpenRouter key", KeyKind.OTHER, 20),
    Shape("AIza", "Google", "a Google key", KeyKind.OTHER, 30),
    Shape("gsk_", "Groq", "a Groq key", KeyKind.OTHER, 20),
    Shape("xai-", "xAI", "an xAI key", KeyKind.OTHER, 20),
    Shape("hf_", "Hugging Face", "a Hugging Face token", KeyKind.OTHER, 20),
    Shape("pplx-", "Perplexity", "a Perplexity key", KeyKind.OTHER, 20),
    Shape("nvapi-", "NVIDIA", "an NVIDIA key", KeyKind.OTHER, 20),
    Shape("r8_", "Replicate", "a Replicate token", KeyKind.OTHER, 20),
    Shape("csk-", "Cerebras", "a Cerebras key", KeyKind.OTHER, 20),
    Shape("fw_", "Fireworks", "a Fireworks key", KeyKind.OTHER, 20),
    Shape("tgp_v1_", "Together", "a Together key", KeyKind.OTHER, 20),
    Shape("tvly-", "Tavily", "a Tavily key", KeyKind.OTHER, 20),
    Shape("lsv2_", "LangSmith", "a LangSmith key", KeyKind.OTHER, 20),
    Shape("ABSK", "Amazon", "an Amazon Bedrock key", KeyKind.OTHER, 40),
    Shape("AKIA", "Amazon", "an AWS access key", KeyKind.OTHER, 16),
    Shape("xoxb-", "Slack", "a Slack token", KeyKind.OTHER, 20),
    Shape("xoxp-", "Slack", "a Slack token", KeyKind.OTHER, 20),
    Shape("sk_live_", "Stripe", "a Stripe key", KeyKind.OTHER, 20),
    Shape("rk_live_", "Stripe", "a Stripe key", KeyKind.OTHER, 20),
    Shape("npm_", "npm", "an npm token", KeyKind.OTHER, 30),
    Shape("pypi-AgEIcHlwaS5vcmc", "PyPI", "a PyPI token", KeyKind.OTHER, 20),
    Shape("dckr_pat_", "Docker", "a Docker token", KeyKind.OTHER, 20),
    Shape("dop_v1_", "DigitalOcean", "a DigitalOcean token", KeyKind.OTHER, 40),
    Shape("gho_", "GitHub", "a GitHub token", KeyKind.OTHER, 30),
    Shape("ghs_", "GitHub", "a GitHub token", KeyKind.OTHER, 30),
    Shape("ghp_", "GitHub", "a GitHub token", KeyKind.OTHER, 30),
    Shape("github_pat_", "GitHub", "a GitHub token", KeyKind.OTHER, 30),
    Shape("glpat-", "GitLab", "a GitLab token", KeyKind.OTHER, 20),
)
"""Shapes with a beginning of their own; the bare ``sk-`` of legacy keys and of many gateways is told apart below."""

_PLAIN = Shape("sk-", OPENAI, "an OpenAI legacy key", KeyKind.LEGACY, 32)
_GATEWAY = Shape("sk-", "", "a key", KeyKind.OTHER, 32)
_LEGACY = re.compile(r"sk-[A-Za-z0-9]{48}")

_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    + "|".join(f"{shape.prefix}[A-Za-z0-9_-]{{{shape.least},}}" for shape in SHAPES)
    + r"|sk-[A-Za-z0-9]{32,}|sk-(?=[A-Za-z_-]*[0-9])(?=[a-z0-9_-]*[A-Z])(?=[A-Z0-9_-]*[a-z])[A-Za-z0-9_-]{22,})"
)
"""The last two: legacy and gateways' keys. A short one is only taken for a key when digits, capitals and small letters
are mixed in it, as in those that LiteLLM makes; words with dashes between them are not."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A piece of text that looks like a key: ``text[start:end]``."""

    start: int
    end: int
    name: str
    """What it looks like, with its article."""


def shape_of(key: str) -> Shape | None:
    """The shape of a key by its beginning; None when it has none of the known ones."""
    for shape in SHAPES:
        if key.startswith(shape.prefix):
            return shape
    if not key.startswith("sk-"):
        return None
    return _PLAIN if _LEGACY.fullmatch(key) or WATERMARK in key else _GATEWAY


def kind_of(key: str) -> KeyKind:
    """What kind of key this is."""
    shape = shape_of(key)
    return shape.kind if shape else KeyKind.OTHER


def looks_like_secret(text: str) -> list[Sighting]:
    """The pieces of a text that look like keys, any vendor's, in order; placeholders such as ``sk-proj-your-key`` not.

    Time grows with the length of the text alone.
    """
    return [
        Sighting(found.start(), found.end(), (shape_of(found[0]) or _GATEWAY).name)
        for found in _KEY.finditer(text)
        if _looks_random(found[0])
    ]


def resembles_key(word: str) -> bool:
    """Whether a word must not be taken for a name: it holds a key, or begins like one and is as long."""
    return bool(looks_like_secret(word)) or (word.startswith("sk-") and len(word) >= 20)


def _looks_random(key: str) -> bool:
    """Whether these are a machine's characters: digits, or capitals amid small letters, and more than a few."""
    shape = shape_of(key)
    body = key[len(shape.prefix) :] if shape else key
    return len(set(body)) >= 6 and (any(map(str.isdigit, body)) or not (body.islower() or body.isupper()))
