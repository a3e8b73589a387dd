"""Which vocabulary counts for which model.

Source: tiktoken 0.14.0, ``model.py``, for what is exact (with its slip about fine-tuned GPT-4.1 set right); for what is
assumed, third parties' findings of October 2026 (openai-facts 5.1), until the server's own count settles it.
"""

from __future__ import annotations

import re

from keytui.domain.tokens import Encoding, Exactness

_O200K, _CL100K, _HARMONY = "o200k_base", "cl100k_base", "o200k_harmony"

_RULES = tuple(
    (re.compile(pattern), Encoding(name, exactness))
    for pattern, name, exactness in (
        (r"gpt-5.*", _O200K, Exactness.EXACT),
        (r"(gpt-4o|gpt-4\.1|gpt-4\.5|chatgpt-4o|o1|o3|o4-mini)(-.*)?", _O200K, Exactness.EXACT),
        (r"gpt-oss(-.*)?", _HARMONY, Exactness.EXACT),
        (r"(gpt-4|gpt-3\.5|gpt-3\.5-turbo|gpt-35-turbo)(-.*)?", _CL100K, Exactness.EXACT),
        (r"text-embedding-(3-small|3-large|ada-002)|(davinci|babbage)-002", _CL100K, Exactness.EXACT),
        (r"(gpt-[5-9]|gpt-4[.o]|o\d|chatgpt|codex).*", _O200K, Exactness.ASSUMED),
        (r".*", _O200K, Exactness.ROUGH),
    )
)
"""The first rule that fits the whole name holds."""


def encoding_for(model: str) -> Encoding:
    """The encoding of a model by its name, as it is sent (``gpt-6-luna``, ``openai/gpt-4o``, ``ft:gpt-4.1:acme``)."""
    # A provider's name stands before a slash; after a colon stand a fine-tune's owner, or a gateway's variant.
    name = model.strip().lower().removeprefix("ft:").rpartition("/")[2].partition(":")[0]
    return next(encoding for rule, encoding in _RULES if rule.fullmatch(name))
