"""``/practice/…``: the pages that no platform has. What can be practised on, and what was really served."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from keytui.servers.practice import errors
from keytui.servers.practice.inference import Call
from keytui.servers.practice.reply import Json, Reply
from keytui.servers.practice.situations import situations


async def list_situations(call: Call) -> Reply:
    """Every situation, with a key that is always in it, and the one that all keys are in (or null)."""
    world = call.context.world
    rows = [
        {"name": each.name, "description": each.description, "api_key": world.handed_out[each.name].reveal()}
        for each in situations().values()
    ]
    return Json({"active": None if world.situation is None else world.situation.name, "situations": rows})


async def choose_situation(call: Call) -> Reply:
    """Put every key into a situation: ``{"name": NAME}``, or null for none. Raises 400 for an unknown name."""
    body = await call.body()
    body.only(("name",))
    name = body.choice("name", tuple(situations()))
    call.context.world.situation = None if name is None else situations()[name]
    return Json({"active": name})


async def ledger(call: Call) -> Reply:
    """Every answered request with its tokens and its exact cost in USD, the sum, and the credit that is left."""
    world = call.context.world
    rows = list(world.book.rows)
    total = sum((served.cost.total for served in rows), start=world.credit * 0)
    return Json(
        {
            "entries": [served.row for served in rows],
            "total": format(total, "f"),
            "credit": format(world.credit, "f"),
        }
    )


async def add_credit(call: Call) -> Reply:
    """Buy practice credit: ``{"usd": "5"}``. Raises 400 for anything but a positive amount."""
    body = await call.body()
    body.only(("usd",))
    text = body.required_text("usd")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise errors.invalid("The amount must be a positive number of USD.", "usd", "invalid_value")
    world = call.context.world
    world.credit += amount
    return Json({"credit": format(world.credit, "f")})
