"""Troubles of the key itself, of its permissions, and of the place where it is kept."""

from __future__ import annotations

from keytui.domain.troubles.exit import Exit
from keytui.domain.troubles.row import ADMIN_KEY, Row, codes, statuses

_CALLS = frozenset({"chat", "responses", "count", "models", "paid"})

ROWS: tuple[Row, ...] = (
    Row(
        "key-not-ascii",
        "The key holds a character that no key has, such as a curly quote or an invisible space.",
        "Copy the key again from where it was made, without the quotes around it.",
        number=7,
        exit=Exit.AUTHENTICATION,
        page="keys",
        codes=codes("key_not_ascii"),
        cause=r"UnicodeEncodeError",
        elsewhere="Copy the key again from where it was made, without the quotes around it.",
    ),
    Row(
        "key-malformed",
        "The key holds a space, a line break or another character that cannot be sent.",
        "Paste the key again, alone on one line.",
        number=7,
        exit=Exit.AUTHENTICATION,
        codes=codes("key_malformed"),
        cause=r"Illegal header value|invalid header",
    ),
    Row(
        "no-key",
        "No key was sent.",
        "Add one with “keytui keys add NAME”, and start programs with “keytui exec”. A variable OPENAI_API_KEY that is "
        "set in another shell, lost by sudo, not exported, or only written in a .env file is not seen.",
        number=30,
        exit=Exit.AUTHENTICATION,
        page="keys",
        codes=codes("no_key", "missing_api_key"),
        message=r"didn't provide an API key|no api key (?:was )?(?:provided|passed)|missing (?:api key|bearer"
        r"|authorization)",
        cause=r"Could not resolve authentication method|Missing credentials|api_key client option must be set",
    ),
    Row(
        "key-shadowed",
        "Another key stands in the environment and may be used in place of this one.",
        "Unset OPENAI_API_KEY, or start programs with “keytui exec”.",
        number=7,
        codes=codes("key_shadowed"),
    ),
    Row(
        "admin-key-for-chat",
        "This is an admin key: it manages the organisation and cannot call models.",
        "Use a project key or a service account's key for chat.",
        number=8,
        exit=Exit.AUTHENTICATION,
        page="keys",
        sure=True,
        kinds=frozenset({ADMIN_KEY}),
        where=_CALLS,
        statuses=statuses(401, 403),
        codes=codes("admin_key_for_chat"),
    ),
    Row(
        "not-an-admin-key",
        "Managing the organisation needs an admin key, and this key is none.",
        "An owner of the organisation makes admin keys; without one, set-up's guided path does the same by hand.",
        number=9,
        exit=Exit.AUTHENTICATION,
        page="admin-keys",
        message=r"Missing scopes?:[^.]*(?:api\.management|management\.|organization\.|api\.usage)",
        where=frozenset({"admin"}),
        statuses=statuses(401, 403),
    ),
    Row(
        "not-an-admin-key",
        "Managing the organisation needs an admin key, and this key is none.",
        "An owner of the organisation makes admin keys; without one, set-up's guided path does the same by hand.",
        number=9,
        exit=Exit.AUTHENTICATION,
        page="admin-keys",
        message=r"Missing scopes?:[^.]*api\.management",
    ),
    Row(
        "missing-scope",
        "This key is restricted and lacks the permission {scopes}.",
        "Edit the key's permissions on the platform (Model capabilities: Request; Responses: Write; List models: Read) "
        "or, with an admin key, in the Keys pane.",
        number=10,
        exit=Exit.AUTHENTICATION,
        page="keys",
        codes=codes("insufficient_permissions", "missing_scope"),
        message=r"Missing scopes?:|insufficient permissions|does not have (?:the )?(?:required )?(?:permission|scope)",
    ),
    Row(
        "key-expired",
        "This key has expired.",
        "Make a new key and put it in place of this one (“keytui keys rotate”).",
        number=27,
        exit=Exit.AUTHENTICATION,
        page="keys",
        codes=codes("expired_key", "api_key_expired", "key_expired", "token_expired", "expired_api_key"),
        types=codes("expired_key", "api_key_expired"),
        message=r"(?:key|token) (?:has )?expired|expired (?:api )?key|expired_key",
        elsewhere="Ask whoever runs {host} for a new key, and put it in place of this one.",
    ),
    Row(
        "key-blocked",
        "This key has been blocked.",
        "Look at the key's state on the platform; if it leaked, revoke it and make a new one.",
        number=27,
        exit=Exit.AUTHENTICATION,
        page="keys",
        codes=codes("key_blocked", "account_deactivated", "api_key_disabled", "access_terminated"),
        message=r"key is (?:blocked|disabled)|key has been (?:blocked|disabled|revoked|deactivated)"
        r"|account.{0,30}deactivated",
        elsewhere="Ask whoever runs {host} why, and for a new key.",
    ),
    Row(
        "gateway-key",
        "The service behind {host} refuses the key that {host} itself uses there.",
        "Ask whoever runs {host} to put a valid one in; your own key is not the reason.",
        message=r"litellm\.(?:Authentication|PermissionDenied)Error",
    ),
    Row(
        "invalid-key",
        "{host} does not know this key{last4}.",
        "Paste the key again in whole, and see that no old OPENAI_API_KEY is used in its place. If it still fails, it "
        "was revoked (a leaked key is revoked by itself) or belongs to another service: make a new one.",
        number=7,
        exit=Exit.AUTHENTICATION,
        page="keys",
        codes=codes("invalid_api_key", "invalid_authentication", "token_not_found_in_db"),
        types=codes("invalid_api_key"),
        message=r"incorrect api key|invalid (?:api[ -]?key|proxy server token|token|key)|unable to find token",
        statuses=statuses(401),
        elsewhere="Check that the key is whole and that it was made for {host}; a key of another service does not "
        "work there.",
    ),
    Row(
        "keyring-missing",
        "This machine has no keyring service to keep the key in.",
        "Keep the key in keytui's encrypted file, protected by a passphrase, or for this session only.",
        number=29,
        exit=Exit.VAULT,
        codes=codes("no_keyring"),
        cause=r"NoKeyringError|No recommended backend|DBusErrorResponse|dbus.{0,60}(?:not|unable|failed)"
        r"|ServiceUnknown"
        r"|SecretServiceNotAvailable",
    ),
    Row(
        "keyring-locked",
        "The keyring is locked, and it cannot be unlocked from here.",
        "Unlock it on that machine's desktop (macOS over SSH: security unlock-keychain), or keep the key in keytui's "
        "encrypted "
        "file.",
        number=29,
        exit=Exit.VAULT,
        codes=codes("keyring_locked"),
        cause=r"KeyringLocked|Failed to unlock|-25308|interaction is not allowed|PromptDismissed",
    ),
)
