"""The least that can be done with an answer: the SDK's own stream, printed piece by piece.

``python -m tests.benchmarks.apps.plain BASE_URL`` asks each line that is typed.
"""

from __future__ import annotations

import sys

from openai import OpenAI

from tests.benchmarks.apps.server import MODEL

READY = "ask>"


def main(base_url: str) -> None:
    """Ask what is typed until there is no more."""
    client = OpenAI(api_key="sk-plain", base_url=base_url, max_retries=0)
    client.models.list()
    while True:
        print(READY, end="", flush=True)
        question = sys.stdin.readline().strip()
        stream = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": question}], stream=True
        )
        for part in stream:
            if part.choices and part.choices[0].delta.content:
                print(part.choices[0].delta.content, end="", flush=True)
        print()


if __name__ == "__main__":
    main(sys.argv[1])
