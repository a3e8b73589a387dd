"""``GET /v1/models`` and ``GET /v1/models/{model}``."""

from __future__ import annotations

from keytui.servers.practice import access, parameters
from keytui.servers.practice.catalog import Model
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.inference import Call
from keytui.servers.practice.reply import Json, Reply


async def models(call: Call) -> Reply:
    """The models that the key's project may use."""
    world = call.context.world
    caller = access.caller(world, call.request.headers, access.LIST_MODELS)
    call.known(caller)
    rows = [_row(m) for m in world.models() if parameters.allowed(m.id, caller.project, caller.situation)]
    return Json({"object": "list", "data": rows})


async def model(call: Call) -> Reply:
    """One model. Raises 404."""
    world = call.context.world
    caller = access.caller(world, call.request.headers, access.LIST_MODELS)
    call.known(caller)
    name = call.request.path_params["model"]
    found = next((m for m in world.models() if m.id == name), None)
    if found is None or not parameters.allowed(name, caller.project, caller.situation):
        raise ApiError(404, f"The model '{name}' does not exist", param="model", code="model_not_found")
    return Json(_row(found))


def _row(found: Model) -> dict[str, object]:
    row: dict[str, object] = {
        "id": found.id,
        "object": "model",
        "created": found.created,
        "owned_by": "openai" if found.kind == "embedding" else "system",
    }
    if found.shutdown_date is not None:
        row["shutdown_date"] = found.shutdown_date
    return row
