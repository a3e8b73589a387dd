"""Cleaning words from outside of anything that is, or may be, a key."""

from __future__ import annotations

import re
from collections.abc import Iterable

from keytui.domain.secrets import Secret

HIDDEN = "…"
"""What stands in place of what was taken out."""

_PREFIXED = (
    r"sk-[\w.*…-]*"  # OpenAI, Anthropic, OpenRouter, DeepSeek, LiteLLM; also a server's own masked form of a key
    r"|(?:sk|pk|rk)_(?:live|test)_\w+"
    r"|AIza[\w-]{10,}|ya29\.[\w-]+"
    r"|(?:gsk|hf|r8|nvapi|pplx|xai|csk|fw|tgp|esecret|tvly|jina)[_-][\w-]{8,}"
    r"|gh[pousr]_\w{10,}|github_pat_\w{10,}|glpat-[\w-]{10,}|xox[abeoprs]-[\w-]{8,}|xapp-[\w-]{8,}"
    r"|A(?:KIA|SIA)[0-9A-Z]{12,}"
    r"|eyJ[\w-]{8,}(?:\.[\w-]+){0,2}"
    r"|npm_\w{10,}|pypi-[\w-]{10,}|SG\.[\w-]{10,}(?:\.[\w-]+)?|AGE-SECRET-KEY-\w+"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)\b(proxy-authorization|authorization|x-api-key|api[-_ ]?key|access[-_]?token|client[-_]?secret"
            r"|password|passwd|secret)(\"?'?\s*[:=]\s*[\"']?)(?!bearer\b|basic\b)[^\s\"',;&}{)]+"
        ),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s/:@]*):[^\s/]*@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"(?i)([?&](?:key|api[-_]?key|token|sig|signature|password|code)=)[^&\s\"']+"), rf"\1{HIDDEN}"),
    (re.compile(rf"(?<![A-Za-z0-9])(?:{_PREFIXED})"), HIDDEN),
    # A bare hash or token: gateways tell the hash of a key, some vendors' keys have no prefix at all.
    (re.compile(r"(?<![\w/-])[0-9a-fA-F]{32,}(?![\w-])"), HIDDEN),
    (re.compile(r"(?<![\w/+-])(?=[\w+-]*[0-9])(?=[\w+-]*[A-Z])(?=[\w+-]*[a-z])[\w+-]{40,}={0,2}"), HIDDEN),
)


def redact(text: str, known: Iterable[Secret] = ()) -> str:
    """A text without keys: those that are ``known``, whatever they look like, and all that have the shape of one.

    Covers keys of many vendors (also as servers mask them), bearer and basic headers, passwords in addresses, and bare
    hashes. Ordinary words stay as they are; the result of cleaning twice is that of cleaning once.
    """
    for secret in known:
        if len(secret) >= 4:
            text = text.replace(secret.reveal(), HIDDEN)
            # Header errors quote the value: a key with a line break stands there as its escape.
            text = text.replace(repr(secret.reveal())[1:-1], HIDDEN)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
