"""Troubles of the account: credit, limits, verification, membership, and what only the account's pages can show."""

from __future__ import annotations

from keytui.domain.troubles.exit import Exit
from keytui.domain.troubles.row import Row, codes, statuses

_NOT_MADE = statuses(400, 401, 403, 409)
"""How the making of a project or a key is refused."""

ROWS: tuple[Row, ...] = (
    Row(
        "project-spend-limit",
        "This project has reached its own monthly spend limit.",
        "Raise the project's spend limit (with an admin key, in the Keys pane), or wait for the first of the month. "
        "Buying credit does not help.",
        number=3,
        exit=Exit.CREDIT,
        page="limits",
        codes=codes("project_spend_limit_exceeded"),
        message=r"project.{0,40}spend limit",
    ),
    Row(
        "organization-spend-limit",
        "Your organisation has reached the monthly spend limit that was set for it.",
        "Raise the organisation's spend limit (with an admin key, in the Keys pane), or wait for the first of the "
        "month. Buying credit does not help.",
        number=3,
        exit=Exit.CREDIT,
        page="limits",
        codes=codes("organization_spend_limit_exceeded", "billing_hard_limit_reached"),
        message=r"organi[sz]ation.{0,40}spend limit|billing hard limit",
    ),
    Row(
        "tier-ceiling",
        "Your organisation has reached the monthly ceiling of its usage tier.",
        "The next tier comes with more paid credit and some age of the account; a rise can be asked for on the limits "
        "page.",
        number=4,
        exit=Exit.CREDIT,
        page="limits",
        codes=codes("organization_usage_limit_exceeded"),
        message=r"organi[sz]ation.{0,40}usage limit",
    ),
    Row(
        "free-tier",
        "This model is not part of the free tier, so its limit is 0.",
        "Add at least $5 of credit to reach tier 1, or choose another model.",
        number=6,
        exit=Exit.CREDIT,
        page="billing",
        codes=codes("rate_limit_exceeded"),
        message=r"limit:?\s*0(?:\.0+)?(?![.\d])|free tier",
        also=r"limit:?\s*0(?:\.0+)?(?![.\d])|free tier",
        elsewhere="The server at {host} allows this key no use of the model: choose another, or ask whoever runs it.",
    ),
    Row(
        "no-credit",
        "The key is good, but its organisation has no API credit left.",
        "Add credit (from $5) to the organisation this key belongs to, then wait some minutes. A card check is not a "
        "purchase, and a ChatGPT plan gives no API credit.",
        number=2,
        exit=Exit.CREDIT,
        page="billing",
        codes=codes("credit_balance_exhausted", "insufficient_quota", "insufficient_balance", "insufficient_credits"),
        types=codes("insufficient_quota", "credit_balance_exhausted"),
        message=r"exceeded your current quota|insufficient.{0,12}(?:quota|balance|credit)|credit balance",
        statuses=statuses(402),
        elsewhere="The account behind this key at {host} has no credit left: add some there, or ask whoever runs it.",
    ),
    Row(
        "below-tier",
        "This model asks for a higher usage tier than your organisation has.",
        "Choose another model, or raise the tier with more paid credit.",
        exit=Exit.CREDIT,
        page="limits",
        codes=codes("below_usage_tier"),
        message=r"(?:higher|below).{0,20}usage tier",
    ),
    Row(
        "verification",
        "OpenAI asks your organisation to be verified before it may do this.",
        "Verify the organisation (with an identity document that none was verified with in the last 90 days; it takes "
        "up to 15 minutes to take effect), choose another model, or ask without streaming.",
        number=12,
        exit=Exit.AUTHENTICATION,
        page="general",
        codes=codes("unsupported_value", "organization_verification_required", "model_not_found"),
        also=r"must be verified|verif(?:y|ied|ication).{0,40}organi[sz]ation|organi[sz]ation.{0,40}verif",
        message=r"must be verified to|verify (?:your )?organi[sz]ation",
    ),
    Row(
        "not-a-member",
        "The key does not belong to the organisation or project named beside it.",
        "Unset OPENAI_ORG_ID and OPENAI_PROJECT_ID, and clear both for this key: a project key carries them already.",
        number=13,
        exit=Exit.AUTHENTICATION,
        page="general",
        codes=codes("mismatched_organization", "mismatched_project", "invalid_organization"),
        message=r"member of an organi[sz]ation|not a member of|mismatched.{0,20}(?:organi[sz]ation|project)"
        r"|no such organi[sz]ation|organi[sz]ation.{0,20}header",
    ),
    Row(
        "country",
        "OpenAI does not serve the country your request came from.",
        "What counts is where requests go out, not your desk: {way_out}. Use a machine in a supported country.",
        number=16,
        exit=Exit.AUTHENTICATION,
        page="countries",
        codes=codes("unsupported_country_region_territory"),
        types=codes("unsupported_country_region_territory"),
        message=r"country, region, or territory not supported",
    ),
    Row(
        "address-not-allowed",
        "The organisation or project allows only certain network addresses, and this one is not among them.",
        "Ask an owner to add the public address that requests go out from to the IP allow-list: {way_out}.",
        number=17,
        exit=Exit.AUTHENTICATION,
        page="general",
        codes=codes("ip_not_authorized", "ip_address_not_authorized"),
        message=r"\bIP\b.{0,40}(?:not (?:authorized|allowed)|allow-?list)|not authorized.{0,40}\bIP\b",
    ),
    Row(
        "residency",
        "This project keeps its data in a region that the address in use does not serve.",
        "Use the base URL of the project's region, such as https://eu.api.openai.com/v1.",
        page="general",
        codes=codes("data_residency_mismatch"),
        message=r"data residency",
    ),
    Row(
        "default-project",
        "The Default project takes no service accounts.",
        "Make a project of its own for the key, or choose another one.",
        number=15,
        page="projects",
        message=r"default project.{0,40}service account|service accounts?.{0,40}default project",
        only_statuses=_NOT_MADE,
    ),
    Row(
        "key-must-expire",
        "The organisation lets no key be made that does not expire, or not within its longest time.",
        "Choose when the key expires, such as in 30 days, and try again; an owner can tell the longest time.",
        number=15,
        page="general",
        message=r"(?:must|required to|needs? to).{0,40}expir|expir\w*.{0,60}(?:is|are) required|without.{0,20}expir"
        r"|expir\w*.{0,40}(?:exceeds?|longer than|at most).{0,60}(?:polic|maximum|allowed|organi[sz]ation)",
        only_statuses=_NOT_MADE,
    ),
    Row(
        "service-account-keys-only",
        "The organisation allows no keys of persons, only those of service accounts.",
        "Have the key made for a service account: set-up does that with an admin key; without one, ask an owner.",
        number=15,
        exit=Exit.AUTHENTICATION,
        page="projects",
        message=r"(?:only|must|use).{0,40}service[ -]account.{0,20}(?:api )?keys?"
        r"|(?:user|personal)(?:-owned)? (?:api )?keys?.{0,40}(?:not allowed|disabled|not permitted)",
        only_statuses=_NOT_MADE,
    ),
    Row(
        "cannot-create",
        "You may not make projects or keys in this organisation.",
        "Ask an owner of the organisation to make them, or for the role of an owner.",
        number=15,
        exit=Exit.AUTHENTICATION,
        page="projects",
        message=r"(?:not allowed|cannot|may not|disabled).{0,60}(?:create|creation).{0,40}(?:key|project"
        r"|service account)"
        r"|(?:create|creation).{0,40}(?:key|project|service account).{0,60}(?:not allowed|disabled|forbidden)",
        only_statuses=_NOT_MADE,
    ),
    Row(
        "project-archived",
        "The project is archived, and archived projects cannot be brought back.",
        "Make or choose another project.",
        number=15,
        page="projects",
        codes=codes("project_archived"),
        message=r"project.{0,40}archived",
    ),
    # The rest is reached by its id: nothing on the wire tells of it, only the account's pages do.
    Row(
        "subscription-is-not-credit",
        "A ChatGPT subscription and the API are billed apart.",
        "Plus, Pro or Business pays for no API use: buy API credit (from $5) on the platform's billing page.",
        number=1,
        exit=Exit.CREDIT,
        page="billing",
    ),
    Row(
        "key-shown-once",
        "The platform shows a key once, when it is made, and never again.",
        "A lost key cannot be read back: make a new one and revoke the old one.",
        number=14,
        page="keys",
    ),
    Row(
        "counts-differ",
        "The bill counts more than the characters you typed.",
        "Each message carries some tokens of overhead; tools, images and reasoning count too, and cached input is "
        "cheaper. "
        "The billed figures stand beside each answer.",
        number=24,
        page="usage",
    ),
    Row(
        "unexpected-charge",
        "Auto-reload is on by default when credit is bought, so a card may be charged again.",
        "Look at auto-reload on the billing page, and set a spend limit and an alert. Credit lapses after a year and "
        "is not "
        "refunded as a rule.",
        number=25,
        page="billing",
    ),
    Row(
        "usage-page-empty",
        "The platform's usage page lags behind, by minutes for usage and by hours for costs.",
        "Its days are UTC, it may show another project, and it needs the permission to see usage. Until then keytui's "
        "own "
        "ledger has the figures.",
        number=26,
        page="usage",
    ),
    Row(
        "no-free-tokens",
        "Free daily tokens are given only to organisations that share their data, and only for some models.",
        "An owner opts in on the platform's settings page. keytui never assumes them in a cost.",
        number=31,
        page="general",
    ),
)
