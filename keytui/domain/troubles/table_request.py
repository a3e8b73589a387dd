"""Troubles of one request: the model, its size and parameters, limits of rate, and answers that do not come whole."""

from __future__ import annotations

from keytui.domain.troubles.exit import Exit
from keytui.domain.troubles.row import Row, codes, statuses

_TRANSPORT = (
    r"RemoteProtocolError|ReadError|WriteError|ConnectionReset|IncompleteRead|EndOfStream|ClosedResource"
    r"|BrokenResource"
    r"|peer closed|incomplete chunked|Connection reset"
)

ROWS: tuple[Row, ...] = (
    Row(
        "request-too-large",
        "This request is larger than the model's limit of tokens per minute, so waiting cannot help.",
        "Shorten the conversation, lower the longest answer, or choose a model with a higher limit.",
        number=5,
        exit=Exit.RATE,
        page="limits",
        codes=codes("rate_limit_exceeded", "request_too_large"),
        also=r"request too large",
        message=r"request too large",
        statuses=statuses(413),
    ),
    Row(
        "context-too-long",
        "The conversation is longer than {model} can read.",
        "Shorten the draft, start a new conversation, or choose a model with a larger context.",
        codes=codes("context_length_exceeded", "string_above_max_length", "context_window_exceeded"),
        types=codes("exceed_context_size_error"),
        message=r"maximum context length|context length exceeded|context window|exceed.{0,30}context size"
        r"|ContextWindowExceeded|prompt is too long",
    ),
    Row(
        "gateway-budget",
        "The budget that {host} gives this key is used up.",
        "Ask whoever runs it for a larger budget, or wait until it starts anew.",
        exit=Exit.CREDIT,
        codes=codes("budget_exceeded"),
        types=codes("budget_exceeded"),
        message=r"budget (?:has been )?exceeded|exceeded.{0,20}budget|budget_exceeded",
    ),
    Row(
        "flex-busy",
        "There is no room for the flex tier just now; nothing was charged.",
        "Ask again later, or use the default service tier.",
        exit=Exit.RATE,
        retry=True,
        codes=codes("resource_unavailable"),
        types=codes("resource_unavailable"),
    ),
    Row(
        "slow-down",
        "Requests are coming faster than the platform likes.",
        "keytui asks again a few times by itself; send fewer at once.",
        number=5,
        exit=Exit.RATE,
        retry=True,
        codes=codes("slow_down"),
    ),
    Row(
        "rate-limited",
        "A rate limit is reached: {limit}.",
        "keytui waits as the server asks and sends it again, a few times. A shorter prompt, a lower "
        "longest answer, a smaller model or a higher tier have more room.",
        number=5,
        exit=Exit.RATE,
        retry=True,
        page="rate-limits",
        codes=codes("rate_limit_exceeded", "rate_limit_error", "rate_limited", "too_many_requests"),
        types=codes("requests", "tokens", "rate_limit_error", "rate_limit_exceeded"),
        message=r"rate limit|too many requests",
        statuses=statuses(429),
    ),
    Row(
        "model-not-found",
        "The key may not use {model}, or there is no model of that name.",
        "Choose a model from the list that this key may use. A missing one may have retired, need a higher tier, or "
        "be left "
        "out of the project's allow-list.",
        number=11,
        page="models",
        codes=codes("model_not_found", "invalid_model", "model_not_available", "key_model_access_denied"),
        types=codes("key_model_access_denied", "team_model_access_denied", "model_not_found"),
        message=r"model.{0,80}(?:does not exist|not found|do(?:es)? not have access|not allowed|is not available)"
        r"|not allowed to access model|invalid model name|unknown model|deprecated model|no such model",
        elsewhere="Choose a model from the list that {host} gives for this key.",
    ),
    Row(
        "tier-not-allowed",
        "The project does not allow this service tier, or the model has none of that name.",
        "Use the default tier, or have an owner allow it in the project's settings.",
        page="projects",
        codes=codes("invalid_service_tier"),
        message=r"service_tier",
        only_statuses=statuses(400, 403, 422),
    ),
    Row(
        "parameter-not-taken",
        "{model} does not take the parameter {param}.",
        "Leave it out; reasoning models take no temperature, and their longest answer is max_output_tokens.",
        number=22,
        codes=codes("unsupported_parameter", "unsupported_value", "unknown_parameter", "invalid_value"),
        message=r"unsupported (?:parameter|value)|UnsupportedParams|unrecognized request argument|unknown parameter"
        r"|extra inputs are not permitted|is not supported with this model|does not support parameters",
    ),
    Row(
        "content-filter",
        "The content filter stopped this.",
        "Put it in other words. What was sent before is not lost.",
        codes=codes("content_filter", "content_policy_violation", "invalid_prompt", "bio_policy"),
        types=codes("content_filter"),
        message=r"content (?:filter|management policy|policy)|flagged as potentially violating|usage polic",
    ),
    Row(
        "content-filter",
        "The safety system refused this request.",
        "Put it in other words. What was sent before is not lost.",
        codes=codes("misalignment_policy_violation", "cyber_policy_violation", "image_content_policy_violation"),
    ),
    Row(
        "reasoning-used-it-up",
        "The model used the whole allowed length for reasoning and had none left for an answer.",
        "Raise the longest answer, or lower the effort.",
        number=23,
        codes=codes("max_output_tokens", "reasoning_used_output"),
        message=r"max_tokens or model output limit was reached",
    ),
    Row(
        "empty-answer",
        "The server sent an empty answer.",
        "Ask again; if it stays empty, shorten the prompt or choose another model.",
        number=23,
        codes=codes("empty_answer"),
    ),
    Row(
        "cut-answer",
        "The connection ended in the middle of the answer.",
        "What had arrived is kept and counted as an estimate. Ask again to get a whole answer.",
        exit=Exit.NETWORK,
        codes=codes("cut"),
        cause=_TRANSPORT,
        answering=True,
    ),
    Row(
        "stalled-answer",
        "The answer stopped coming, and nothing more arrived in time.",
        "What had arrived is kept and counted as an estimate. Ask again; a slow line or a proxy may hold it back.",
        exit=Exit.NETWORK,
        cause=r"ReadTimeout|APITimeoutError|TimeoutError",
        answering=True,
    ),
    Row(
        "overloaded",
        "The model is overloaded just now.",
        "keytui asks again a few times by itself; the key is not the reason.",
        number=28,
        retry=True,
        page="status",
        codes=codes("server_is_overloaded", "overloaded_error", "engine_overloaded", "model_overloaded"),
        types=codes("service_unavailable_error", "overloaded_error"),
        message=r"overloaded|not ready yet|at capacity",
        statuses=statuses(503, 529),
        elsewhere="keytui asks again a few times by itself. If it goes on, ask whoever runs {host}.",
    ),
    Row(
        "overloaded",
        "The model is overloaded just now.",
        "keytui asks again a few times by itself; the key is not the reason.",
        number=28,
        retry=True,
        page="status",
        types=codes("server_error"),
        only_statuses=statuses(503),
        elsewhere="keytui asks again a few times by itself. If it goes on, ask whoever runs {host}.",
    ),
    Row(
        "gateway-upstream",
        "{host} does not reach the service behind it.",
        "keytui asks again a few times by itself. If it goes on, ask whoever runs {host}; your key is not the reason.",
        retry=True,
        types=codes("internal_server_error"),
        message=r"litellm\.\w+",
        also=r"litellm\..{0,200}(?:Connection error|Cannot connect|timed? ?out)",
        only_statuses=statuses(408, 500, 502, 503, 504),
    ),
    Row(
        "server-error",
        "{host} had a fault of its own.",
        "keytui asks again a few times by itself. The key is not the reason; the status page tells of outages.",
        number=28,
        retry=True,
        page="status",
        codes=codes("server_error", "internal_error", "internal_server_error", "vector_store_timeout"),
        types=codes("server_error", "internal_server_error"),
        message=r"had an error while processing|internal server error",
        statuses=statuses(500, 502, 504, 520, 521, 522, 523, 524),
        elsewhere="keytui asks again a few times by itself. If it goes on, ask whoever runs {host}.",
    ),
    Row(
        "gateway-database",
        "{host} cannot check keys just now: its database is missing.",
        "Ask whoever runs it; the key is not the reason.",
        message=r"no (?:connected )?db|database not connected|No connected db",
    ),
    Row(
        "tokenizer-blocked",
        "The token counter's vocabulary could not be fetched.",
        "Counting goes on roughly, by four characters a token. Put the vocabulary file into TIKTOKEN_CACHE_DIR, or "
        "let "
        "openaipublic.blob.core.windows.net through.",
        number=20,
        exit=Exit.NETWORK,
        codes=codes("vocabulary_missing"),
        cause=r"openaipublic",
    ),
    Row(
        "no-exact-count",
        "{host} has no page for exact counts.",
        "The local count stands, marked as an estimate.",
        codes=codes("no_exact_count"),
        where=frozenset({"count"}),
        statuses=statuses(404, 405, 501),
    ),
)
