"""``/v1/organization/usage/…`` and ``/v1/organization/costs``: sums of what was really served, in buckets of time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keytui.servers.practice import errors
from keytui.servers.practice.admin.pages import Row, query
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.inference import Call
from keytui.servers.practice.ledger import Served
from keytui.servers.practice.reply import Json, Reply

DAY = 86_400
WIDTHS = {"1m": (60, 60, 1440), "1h": (3600, 24, 168), "1d": (DAY, 7, 31)}
"""Width -> its seconds, how many buckets a page has by default, and at most (openai-facts 2.4)."""
COST_BUCKETS = (7, 180)
COMPLETIONS = ("chat", "responses")
OTHERS = (
    "moderations",
    "images",
    "audio_speeches",
    "audio_transcriptions",
    "vector_stores",
    "code_interpreter_sessions",
    "file_search_calls",
    "web_search_calls",
    "decisions",
)
"""Usage that exists on the platform and never arises here; its buckets are empty."""

_FIELDS: dict[str, Callable[[Served], object]] = {
    "project_id": lambda served: served.project_id,
    "user_id": lambda served: served.user_id,
    "api_key_id": lambda served: served.api_key_id,
    "model": lambda served: served.model,
    "batch": lambda served: False,
    "service_tier": lambda served: served.tier,
    "api_source": lambda served: "unlabeled",
}
_FILTERS = {"project_ids": "project_id", "user_ids": "user_id", "api_key_ids": "api_key_id", "models": "model"}


@dataclass(frozen=True, slots=True)
class _Period:
    """The buckets of one page."""

    starts: Sequence[int]
    width: int
    end: int
    next_page: str | None

    def page(self, results: Callable[[int, int], list[Row]]) -> Json:
        data = []
        for start in self.starts:
            end = min(start + self.width, self.end)
            data.append({"object": "bucket", "start_time": start, "end_time": end, "results": results(start, end)})
        return Json(
            {"object": "page", "data": data, "has_more": self.next_page is not None, "next_page": self.next_page}
        )


def _period(call: Call, asked: Body, width: int, usual: int, most: int) -> _Period:
    start = asked.integer("start_time", 0)
    if start is None:
        raise asked.missing("start_time")
    end = asked.integer("end_time", 0)
    if end is None:
        end = math.floor(call.context.world.now) + 1
    if end <= start:
        raise errors.invalid("'end_time' must be after 'start_time'.", "end_time", "invalid_value")
    limit = asked.integer("limit", 1, most) or usual
    # Buckets lie on whole minutes, hours and days of UTC; the first may begin before what was asked for.
    first = start - start % width
    page = asked.text("page")
    if page is not None:
        number = page.removeprefix("page_")
        if not number.isascii() or not number.isdigit() or int(number) % width or not first <= int(number) < end:
            raise errors.invalid("Invalid 'page': this is no page of this query.", "page", "invalid_value")
        first = int(number)
    after = first + limit * width
    more = f"page_{after}" if after < end else None
    return _Period(range(first, min(after, end), width), width, end, more)


def _groups(asked: Body, allowed: Sequence[str]) -> list[str]:
    names = asked.texts("group_by") or []
    for name in names:
        if name not in allowed:
            quoted = ", ".join(f"'{each}'" for each in allowed)
            raise errors.invalid(
                f"Invalid value: '{name}'. Supported values are: {quoted}.", "group_by", "invalid_value"
            )
    return names


def _chosen(rows: Iterable[Served], asked: Body, filters: Sequence[str]) -> list[Served]:
    chosen = list(rows)
    for name in filters:
        if (wanted := asked.texts(name)) is not None:
            chosen = [served for served in chosen if _FIELDS[_FILTERS[name]](served) in wanted]
    return chosen


async def completions(call: Call) -> Reply:
    """Tokens and requests of chat completions and responses."""
    return _usage(call, COMPLETIONS, "completions", list(_FIELDS), _completions_row)


async def embeddings(call: Call) -> Reply:
    """Tokens and requests of embeddings."""
    allowed = ["project_id", "user_id", "api_key_id", "model"]
    return _usage(call, ("embeddings",), "embeddings", allowed, _embeddings_row)


async def nothing(call: Call) -> Reply:
    """Usage of what is not served here: the buckets, without results."""
    return _usage(call, (), "", ["project_id"], lambda rows: {})


def _usage(
    call: Call, endpoints: Sequence[str], kind: str, allowed: Sequence[str], sums: Callable[[Sequence[Served]], Row]
) -> Reply:
    asked = query(call)
    width, usual, most = WIDTHS[asked.choice("bucket_width", tuple(WIDTHS)) or "1d"]
    period = _period(call, asked, width, usual, most)
    groups = _groups(asked, allowed)
    batch = asked.flag("batch")
    start_time = asked.integer("start_time") or 0

    def results(start: int, end: int) -> list[Row]:
        rows = call.context.world.book.between(max(start, start_time), end)
        served = _chosen((s for s in rows if s.endpoint in endpoints and not batch), asked, list(_FILTERS))
        by: defaultdict[tuple[object, ...], list[Served]] = defaultdict(list)
        for each in served:
            by[tuple(_FIELDS[name](each) for name in groups)].append(each)
        empty: Row = dict.fromkeys(allowed)
        return [
            {
                "object": f"organization.usage.{kind}.result",
                **sums(members),
                **empty,
                **dict(zip(groups, values, strict=True)),
            }
            for values, members in by.items()
        ]

    return period.page(results)


def _completions_row(rows: Sequence[Served]) -> Row:
    usages = [served.usage for served in rows]
    read = sum(usage.input for usage in usages)
    cached = sum(usage.cached for usage in usages)
    written = sum(usage.written for usage in usages)
    long = sum(usage.written_12h for usage in usages)
    output = sum(usage.output for usage in usages)
    return {
        "input_tokens": read,
        "output_tokens": output,
        "num_model_requests": len(rows),
        "input_cached_tokens": cached,
        "input_uncached_tokens": read - cached,
        "input_cache_write_tokens": written,
        "input_cache_write_30m_tokens": written - long,
        "input_cache_write_12h_tokens": long,
        "input_text_tokens": read,
        "output_text_tokens": output,
        "input_cached_text_tokens": cached,
        "input_audio_tokens": 0,
        "input_cached_audio_tokens": 0,
        "output_audio_tokens": 0,
        "input_image_tokens": 0,
        "input_cached_image_tokens": 0,
        "output_image_tokens": 0,
    }


def _embeddings_row(rows: Sequence[Served]) -> Row:
    return {"input_tokens": sum(served.usage.input for served in rows), "num_model_requests": len(rows)}


async def costs(call: Call) -> Reply:
    """Costs by day, in **dollars**, unlike spend limits, which are in cents."""
    asked = query(call)
    asked.choice("bucket_width", ("1d",))
    period = _period(call, asked, DAY, *COST_BUCKETS)
    groups = _groups(asked, ("project_id", "user_id", "line_item", "api_key_id", "api_source"))
    wanted = asked.texts("line_items")
    start_time = asked.integer("start_time") or 0

    def results(start: int, end: int) -> list[Row]:
        rows = call.context.world.book.between(max(start, start_time), end)
        served = _chosen(rows, asked, ("project_ids", "api_key_ids"))
        amounts: defaultdict[tuple[object, ...], Decimal] = defaultdict(Decimal)
        quantities: defaultdict[tuple[object, ...], int] = defaultdict(int)
        for each in served:
            for item, tokens, amount in _line_items(each):
                if wanted is not None and item not in wanted:
                    continue
                at = tuple(item if name == "line_item" else _FIELDS[name](each) for name in groups)
                amounts[at] += amount
                quantities[at] += tokens
        return [_cost_row(dict(zip(groups, at, strict=True)), amounts[at], quantities[at]) for at in amounts]

    return period.page(results)


def _cost_row(group: Row, amount: Decimal, quantity: int) -> Row:
    by_item = "line_item" in group
    return {
        "object": "organization.costs.result",
        "amount": {"value": float(amount), "currency": "usd"},
        "quantity": quantity if by_item else None,
        "quantity_unit": "tokens" if by_item else None,
        **{name: group.get(name) for name in ("line_item", "project_id", "api_key_id", "user_id", "api_source")},
    }


def _line_items(served: Served) -> Iterable[tuple[str, int, Decimal]]:
    """The parts of a cost, as invoices name them: ``gpt-6-astra, input_tokens``."""
    usage, cost = served.usage, served.cost
    parts = (
        ("input_tokens", usage.input - usage.cached - usage.written, cost.input),
        ("cached_input_tokens", usage.cached, cost.cached),
        ("cache_write_tokens", usage.written, cost.written),
        ("output_tokens", usage.output, cost.output),
    )
    tier = "" if served.tier == "default" else f" {served.tier}"
    return [(f"{served.model}{tier}, {name}", tokens, amount) for name, tokens, amount in parts if tokens]
