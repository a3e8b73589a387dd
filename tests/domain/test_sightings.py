"""What is asked about before it is sent."""

from __future__ import annotations

import time

import pytest

from keytui.domain.sightings import secrets_in

BODY = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"npm_{BODY}", "an npm token"),
        (f"rk_live_{BODY}", "a Stripe key"),
        (f"MISTRAL_API_KEY={BODY}", "a key under its name"),
        (f'{{"apiKey": "{BODY}"}}', "a key under its name"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a key under its name"),
        ("client_secret: " + "0123456789abcdef" * 2, "a key under its name"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n", "a private key"),
        ("-----BEGIN PRIVATE KEY-----", "a private key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3In0.dozjgNryP4J3jVmNHl0w5N", "a signed token"),
        (f"OPENAI_API_KEY=sk-proj-{BODY}", "an OpenAI project key"),
    ],
)
def test_it_is_seen_amid_words(text: str, name: str) -> None:
    assert [seen.name for seen in secrets_in(f"why does\n{text}\nnot work?")][:1] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "api_key = os.environ['OPENAI_API_KEY']",
        "API_KEY=your_api_key_goes_here_please",
        "api_key=settings.service_account_number_1",
        "secret_key: xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "What is an API key: a password for programs, or a name for an account?",
        "-----BEGIN CERTIFICATE-----",
        "The header begins with eyJ and has two dots.",
    ],
)
def test_ordinary_text_is_left_in_peace(text: str) -> None:
    assert secrets_in(text) == []


@pytest.mark.parametrize("piece", ["api_key=", "eyJ", "-----BEGIN A ", "secret_", "api_key = 'a", "eyJabcdefgh."])
def test_time_grows_with_the_length_alone(piece: str) -> None:
    def seconds(length: int) -> float:
        text, times = piece * (length // len(piece)), []
        for _ in range(3):
            begun = time.process_time()
            secrets_in(text)
            times.append(time.process_time() - begun)
        return min(times)

    assert seconds(80_000) < 40 * seconds(8_000) + 0.05
