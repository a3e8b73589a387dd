"""The platform's refusals: status, body and words as clients meet them (openai-facts 2.5 and 3.11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

KEYS_PAGE = "https://platform.openai.com/account/api-keys"
LIMITS_PAGE = "https://platform.openai.com/account/rate-limits"
GENERAL_PAGE = "https://platform.openai.com/settings/organization/general"
ERRORS_PAGE = "https://platform.openai.com/docs/guides/error-codes/api-errors"


@dataclass(eq=False)
class ApiError(Exception):
    """A refusal that becomes the answer: ``{"error": {"message", "type", "param", "code"}}``."""

    status: int
    message: str
    type: str = "invalid_request_error"
    param: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, object]:
        """The JSON body."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """400: the request itself is wrong."""
    return ApiError(400, message, param=param, code=code)


def not_json() -> ApiError:
    """400: the body is no JSON."""
    return invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
        "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have "
        "trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)"
    )


def unknown_url(method: str, path: str) -> ApiError:
    """404: there is no such page."""
    return ApiError(404, f"Invalid URL ({method} {path})")


def wrong_method(method: str, path: str) -> ApiError:
    """405: the page exists, but not for this method."""
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    return ApiError(405, f"Not allowed to {method} on {path}. {hint}", code="method_not_supported")


def no_key() -> ApiError:
    """401: no Authorization header."""
    return ApiError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
        "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing "
        f"the API from your browser and are prompted for a username and password. You can obtain an API key from "
        f"{KEYS_PAGE}.",
    )


def wrong_key(masked: str) -> ApiError:
    """401: mistyped, revoked, expired, or another service's key."""
    return ApiError(
        401,
        f"Incorrect API key provided: {masked}. You can find your API key at {KEYS_PAGE}.",
        code="invalid_api_key",
    )


def missing_scopes(*scopes: str, status: int = 401) -> ApiError:
    """401 or 403: the key may not do this."""
    return ApiError(
        status,
        f"You have insufficient permissions for this operation. Missing scopes: {', '.join(scopes)}. Check that you "
        "have the correct role in your organization (Reader, Writer, Owner) and project (Member, Owner), and if "
        "you're using a restricted API key, that it has the necessary scopes.",
    )


def not_a_member() -> ApiError:
    """401: the owner of the key left the organisation, or the header names another one."""
    return ApiError(
        401,
        "You must be a member of an organization to use the API. Please contact us through our help center at "
        "help.openai.com.",
    )


def mismatched(what: str) -> ApiError:
    """401: the OpenAI-Organization or OpenAI-Project header does not belong to the key."""
    return ApiError(
        401, f"OpenAI-{what} header should match {what.lower()} for API key", code=f"mismatched_{what.lower()}"
    )


def archived_project() -> ApiError:
    """401: the key's project was archived."""
    return ApiError(
        401,
        "The project you are requesting has been archived and is no longer accessible.",
        code="not_authorized_invalid_project",
    )


def address_not_allowed() -> ApiError:
    """401: outside the IP allow-list."""
    return ApiError(
        401,
        "Your request could not be authorized because the IP address is not in the allowlist of your project or "
        "organization.",
        code="ip_not_authorized",
    )


def unsupported_country() -> ApiError:
    """403: the request comes from a place that is not served."""
    return ApiError(
        403,
        "Country, region, or territory not supported",
        type="request_forbidden",
        code="unsupported_country_region_territory",
    )


def model_not_found(model: str) -> ApiError:
    """404: no such model, or no access to it."""
    return ApiError(404, f"The model `{model}` does not exist or you do not have access to it.", code="model_not_found")


def model_not_allowed(model: str, project: str) -> ApiError:
    """404: the model is outside the project's model permissions."""
    return ApiError(404, f"Project `{project}` does not have access to model `{model}`", code="model_not_found")


def not_verified() -> ApiError:
    """400: streaming this model needs a verified organisation."""
    return invalid(
        f"Your organization must be verified to stream this model. Please go to: {GENERAL_PAGE} and click on Verify "
        "Organization. If you just verified, it can take up to 15 minutes for access to propagate.",
        param="stream",
        code="unsupported_value",
    )


def context_exceeded(limit: int, tokens: int, param: str) -> ApiError:
    """400: the prompt is too long."""
    return invalid(
        f"This model's maximum context length is {limit} tokens. However, your messages resulted in {tokens} tokens. "
        "Please reduce the length of the messages.",
        param=param,
        code="context_length_exceeded",
    )


def no_credit() -> ApiError:
    """429: the prepaid balance is used up."""
    return _quota(
        "You exceeded your current quota, please check your plan and billing details. For more information on this "
        f"error, read the docs: {ERRORS_PAGE}.",
        "credit_balance_exhausted",
    )


def project_spend_limit() -> ApiError:
    """429: the project's own monthly spend limit."""
    return _quota(
        "This project has reached its monthly spend limit. A project owner can raise it in the project's limits.",
        "project_spend_limit_exceeded",
    )


def organization_spend_limit() -> ApiError:
    """429: the organisation's own monthly spend limit."""
    return _quota(
        "Your organization has reached its monthly spend limit. An organization owner can raise it in the limits.",
        "organization_spend_limit_exceeded",
    )


def organization_usage_limit() -> ApiError:
    """429: the monthly ceiling of the usage tier."""
    return _quota(
        "Your organization has reached the monthly usage limit of its usage tier. See the limits page to request an "
        "increase.",
        "organization_usage_limit_exceeded",
    )


def _quota(message: str, code: str) -> ApiError:
    return ApiError(429, message, type="insufficient_quota", code=code)


def rate_limited(model: str, organization: str, kind: str, limit: int, used: int, asked: int, wait: float) -> ApiError:
    """429: too many requests or tokens a minute; ``kind`` is ``requests`` or ``tokens``, ``wait`` in seconds."""
    short = "RPM" if kind == "requests" else "TPM"
    again = f"{wait * 1000:.0f}ms" if wait < 1 else f"{wait:.3f}".rstrip("0").rstrip(".") + "s"
    return ApiError(
        429,
        f"Rate limit reached for {model} in organization {organization} on {kind} per min ({short}): Limit {limit}, "
        f"Used {used}, Requested {asked}. Please try again in {again}. Visit {LIMITS_PAGE} to learn more.",
        type=kind,
        code="rate_limit_exceeded",
    )


def too_large(model: str, organization: str, limit: int, asked: int) -> ApiError:
    """429: one request larger than the limit a minute; waiting does not help."""
    return ApiError(
        429,
        f"Request too large for {model} in organization {organization} on tokens per min (TPM): Limit {limit}, "
        f"Requested {asked}. The input or output tokens must be reduced in order to run successfully. Visit "
        f"{LIMITS_PAGE} to learn more.",
        type="tokens",
        code="rate_limit_exceeded",
    )


def limit_zero(model: str, organization: str) -> ApiError:
    """429: the model is not part of the usage tier at all."""
    return ApiError(
        429,
        f"Rate limit reached for {model} in organization {organization} on requests per min (RPM): Limit 0, Used 0, "
        f"Requested 1. Visit {LIMITS_PAGE} to learn more. You can increase your rate limit by adding a payment "
        "method to your account.",
        type="requests",
        code="rate_limit_exceeded",
    )


def slow_down() -> ApiError:
    """429: a sudden rise in traffic."""
    return ApiError(
        429,
        "Slow down. Please reduce your request rate to its original level for at least 15 minutes, then gradually "
        "increase it.",
        type="rate_limit_error",
        code="slow_down",
    )


def resource_unavailable() -> ApiError:
    """429: no flex capacity now; nothing is charged."""
    return ApiError(
        429,
        "Resource unavailable. Flex processing has no capacity at the moment; retry later or use the default tier.",
        type="resource_unavailable",
        code="resource_unavailable",
    )


def overloaded() -> ApiError:
    """503: the servers are busy."""
    return ApiError(
        503,
        "The engine is currently overloaded, please try again later.",
        type="service_unavailable_error",
        code="server_is_overloaded",
    )


def server_error() -> ApiError:
    """500: something broke on the server."""
    return ApiError(
        500,
        "The server had an error while processing your request. Sorry about that!",
        type="server_error",
        code="server_error",
    )
