"""What stands behind set-up: short, exact, in plain words, each with the page to read more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keytui.domain.troubles import explain


@dataclass(frozen=True, slots=True)
class Why:
    """One explanation; ``text`` is Markdown."""

    title: str
    text: str
    page: str
    """A name in ``keytui.domain.troubles.pages``."""
    troubles: tuple[str, ...] = ()
    """Troubles that only the account's pages can show, by name: they are told below the text."""

    @property
    def whole(self) -> str:
        """The text with its troubles, as Markdown."""
        told = [f"- **{trouble.title}** {trouble.remedy}\n" for trouble in map(explain, self.troubles)]
        return self.text + "".join(told)


TEXTS: Mapping[str, Why] = {
    "account": Why(
        "Account or subscription",
        """\
**The API** is for programs, and is paid by the token, from credit bought beforehand on the *platform*.

- Credit belongs to an **organisation**. When you have several, buy it where the key will be.
- A new key works before there is credit, but only for looking: the list of models answers, questions are refused.
- Buying for the first time can take some minutes to arrive. A hold on your card is not yet credit.
""",
        "billing",
        ("subscription-is-not-credit",),
    ),
    "project": Why(
        "Organisation, project, key",
        """\
An **organisation** pays. It has **projects**, and each project has its keys, its limits and its spending of its own.

- One project for one purpose: then a key that leaks endangers one purpose, and each cost has a name.
- A project can allow only some **models**, so that a key for small questions cannot buy large answers.
- Its **spend limit** is a hard one: requests above it are refused. An **alert** only sends a mail.
- keytui's **cap** is kept on this machine, before anything is sent. Use both.
- An **expiry** ends what everybody forgets to end. Ninety days is a good beginning.
- A project cannot be deleted, only archived, and that cannot be undone.
""",
        "projects",
    ),
    "admin": Why(
        "Admin keys",
        """\
An **admin key** manages an organisation: projects, limits, service accounts, keys. It can ask no model anything, and a
usual key can manage nothing. Only owners of the organisation can make one.

- keytui holds it in memory while a plan is applied or taken back, says so above, and then forgets it.
- The plan is shown whole, then compared with what is there, and only then applied. What is there already is used.
- Each step is noted before it is done. After a dropped line or a crash the next start finishes it or takes it back.
- The new key belongs to a **service account**, not to a person: it goes on when somebody leaves.
- Revoke an admin key that you do not need any more: whoever has it can make keys.
""",
        "admin-keys",
    ),
    "tokens": Why(
        "Tokens and prices",
        """\
A model reads and writes **tokens**: pieces of words. In English a token is about four characters.

- **Input** is all that is sent: your message, and in a conversation everything said before.
- **Output** is the answer, and the model's thinking, which is billed though not shown. It costs several times more.
- `~812` is counted on this machine, `812 ✓` by the server beforehand, `812 billed` is what was charged.
""",
        "pricing",
    ),
    "caching": Why(
        "Caching",
        """\
When a request begins with the same 1,024 tokens or more as an earlier one, the platform reads them from its **cache**,
at a tenth of the price or less. Writing to the cache costs a quarter more on newer models.

- What stays the same belongs at the beginning: instructions first, the question last.
- Change one character early on, and all that follows is paid in full again.
- The cache forgets after minutes to hours without use.
""",
        "pricing",
    ),
    "limits": Why(
        "Limits",
        """\
Four things can stop a request, and only one of them passes by itself.

- **Rate limits**: so many requests and tokens a minute, by model. Wait, and it works again.
- **Credit**: an empty balance stops everything. Buy more; waiting does not help.
- **Spend limit**: your own hard limit for organisation or project. Raise it, or wait for the next month.
- **Usage tier**: the platform's monthly ceiling for you. It rises by itself with what you have paid.
""",
        "limits",
    ),
    "safe": Why(
        "Where a key is safe",
        """\
A key is a password for money: whoever reads it can spend it.

- **The system keyring** is locked with your session. This is the best place.
- **The encrypted file** is for machines without one; nobody can recover its passphrase.
- **This session only** is safe too: it is gone when keytui ends.
- **A file or `.env` in clear** is read by every program you start, by backups, and by whoever gets the folder.
- keytui shows four characters of a key, never more, and sends it to the one address it was stored for.
- A leaked key: revoke first, then look around.
""",
        "keys",
        ("key-shown-once",),
    ),
    "bill": Why(
        "Surprises on the bill",
        "",
        "usage",
        ("unexpected-charge", "usage-page-empty", "counts-differ", "no-free-tokens"),
    ),
    "proxies": Why(
        "Other programs, and proxies",
        """\
`keytui exec -k NAME -- program` starts a program with the key in its environment, and nowhere else: not in a file, not
in your shell's history, not in the list of processes.

- Programs with the official SDK read `OPENAI_API_KEY`, and `OPENAI_BASE_URL` when the address is not OpenAI's.
- Behind a company's proxy, `HTTPS_PROXY` must be set in the same shell; `sudo` and `ssh` leave it behind.
- A proxy that opens connections needs its certificate in `SSL_CERT_FILE`. Never switch the check off.
""",
        "errors",
    ),
}
"""Topic to explanation. Sources: openai-facts 1, 3.5, 4, 5, and OpenAI's help centre; November 2026."""
