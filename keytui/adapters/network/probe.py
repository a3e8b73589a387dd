"""The check of a key and of the route to its server, cheapest stage first."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route_check import SLOW, RouteCheck
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.addresses import is_loopback, is_openai
from keytui.domain.admin import OrganizationView
from keytui.domain.admin_troubles import wrong_admin_key
from keytui.domain.chat import Capabilities, Failed, Finished, ModelInfo, Refused, Reported
from keytui.domain.models import chat_models, nearest
from keytui.domain.paste import clean
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.secrets import Secret
from keytui.domain.troubles import explain, recognise

TINY_OUTPUT = 16
"""Tokens: the least that the platform takes as the longest answer (openai-facts 3.12)."""
_ANSWERED = frozenset({"reasoning-used-it-up", "empty-answer"})
"""Troubles of an answer that was made and billed all the same: enough to prove that the key can pay."""


class Probe:
    """Implements ``Prober``. Stop it by closing the iterator; nothing is left open."""

    def __init__(
        self,
        http: HttpClients,
        *,
        environment: Mapping[str, str] | None = None,
        deadline: float = 120.0,
        learnt: Callable[[str, Capabilities], None] | None = None,
    ) -> None:
        """``deadline``: seconds for one whole check, whatever hangs.

        ``learnt`` is told, with the base URL, what a check found out about a server.
        """
        self._http = http
        self._environment = os.environ if environment is None else environment
        self._deadline = deadline
        self._learnt = learnt

    async def key(
        self, secret: Secret, base_url: str, *, model: str | None = None, paid: bool = False
    ) -> AsyncGenerator[StageResult, None]:
        """Check a key; the last result is the first failure, if there is one."""
        check = RouteCheck(self._http, base_url, (secret,), model, self._deadline)
        shape = self._shape(secret, base_url)
        yield shape
        if shape.verdict is Verdict.FAILED:
            return
        yield self._shadow(secret)
        async with aclosing(check.stages()) as stages:
            async for result in stages:
                if _fails_without_a_key(result, base_url):
                    check.failed = False
                    result = _without_a_key(result)
                yield result
        if check.failed:
            return
        learnt = partial(self._learnt, base_url) if self._learnt else None
        gateway = OpenAIGateway(secret, base_url, self._http, learnt=learnt)
        try:
            async with aclosing(self._ask(check, gateway, model, paid)) as stages:
                async for result in stages:
                    yield result
        finally:
            await gateway.close()

    async def admin(self, secret: Secret, base_url: str) -> AsyncGenerator[StageResult, None]:
        """Check an admin key by what it is for: whether it may look at the organisation. Nothing is changed there."""
        trouble = wrong_admin_key(secret, base_url)
        if trouble is not None:
            yield StageResult(Stage.SHAPE, Verdict.FAILED, trouble=trouble)
            return
        yield StageResult(Stage.SHAPE, Verdict.PASSED, note=clean(secret.reveal(), base_url=base_url).name)
        check = RouteCheck(self._http, base_url, (secret,), None, self._deadline)
        async with aclosing(check.stages()) as stages:
            async for result in stages:
                yield result
        if check.failed:
            return
        from keytui.adapters.openai.admin import OpenAIAdmin

        organization = OpenAIAdmin(secret, base_url, self._http)
        try:
            seen = await check.timed(Stage.MODELS, lambda: self._projects(organization), "answer_timeout", limit=SLOW)
        finally:
            await organization.close()
        # Its shape says that it is an admin key: what it lacks is one right, which admin keys can be made without.
        if seen.trouble is not None and seen.trouble.id in ("missing-scope", "not-an-admin-key"):
            note = "the key may not list projects; it may still do what it was made for"
            seen = replace(seen, verdict=Verdict.WARNED, note=note, trouble=None)
        yield seen

    async def route(self, base_url: str) -> AsyncGenerator[StageResult, None]:
        """Check the route alone; no key is sent."""
        async with aclosing(RouteCheck(self._http, base_url, (), None, self._deadline).stages()) as stages:
            async for result in stages:
                yield _without_a_key(result) if _fails_without_a_key(result, base_url) else result

    # Without the network.

    @staticmethod
    def _shape(secret: Secret, base_url: str) -> StageResult:
        pasted = clean(secret.reveal(), base_url=base_url)
        if pasted.problem or pasted.secret != secret:
            trouble = explain("key-malformed")
            note = pasted.problem or pasted.removed
            return StageResult(Stage.SHAPE, Verdict.FAILED, note=note, trouble=trouble)
        if pasted.kind.value == "admin key":
            return StageResult(Stage.SHAPE, Verdict.FAILED, note=pasted.name, trouble=explain("admin-key-for-chat"))
        if pasted.warnings:
            return StageResult(Stage.SHAPE, Verdict.WARNED, note=pasted.warnings[0])
        return StageResult(Stage.SHAPE, Verdict.PASSED, note=pasted.name)

    def _shadow(self, secret: Secret) -> StageResult:
        other = self._environment.get("OPENAI_API_KEY", "").strip()
        if other and Secret(other) != secret:
            shown = Secret(other).last4
            note = f"OPENAI_API_KEY holds another key (…{shown})" if shown else "OPENAI_API_KEY holds another key"
            return StageResult(Stage.SHADOW, Verdict.WARNED, note=note, trouble=explain("key-shadowed"))
        for variable in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
            if self._environment.get(variable):
                note = f"{variable} is set; keytui does not use it, but other programs do"
                return StageResult(Stage.SHADOW, Verdict.WARNED, note=note)
        return StageResult(Stage.SHADOW, Verdict.PASSED)

    # The key.

    async def _ask(
        self, check: RouteCheck, gateway: OpenAIGateway, model: str | None, paid: bool
    ) -> AsyncGenerator[StageResult, None]:
        models: list[ModelInfo] = []
        listed = await check.timed(Stage.MODELS, lambda: self._models(gateway, models), "answer_timeout", limit=SLOW)
        listed = _forgiven(listed, gateway)
        check.failed = listed.verdict is Verdict.FAILED
        yield listed
        if check.failed:
            return
        allowed = self._model(check, model, models)
        yield allowed
        chosen = model or next((one.id for one in models), None)
        if allowed.verdict is Verdict.FAILED:
            return
        if chosen is None:
            yield StageResult(Stage.COUNT, Verdict.SKIPPED, note="no model to ask with")
            return
        if not chat_models([ModelInfo(chosen)], openai=False):
            yield StageResult(Stage.COUNT, Verdict.SKIPPED, note=f"{chosen} answers no questions")
            return
        question = Question(chosen, (ChatMessage("user", "ping"),), parameters=Parameters(max_output=TINY_OUTPUT))
        counted = await check.timed(Stage.COUNT, lambda: self._count(gateway, question), "answer_timeout", limit=SLOW)
        if counted.trouble is not None and (
            counted.trouble.id == "no-exact-count" or not (is_openai(gateway.base_url) or is_loopback(gateway.base_url))
        ):
            check.failed = False
            counted = replace(counted, verdict=Verdict.SKIPPED, note=counted.trouble.title, trouble=None)
        yield counted
        if check.failed or not paid:
            return
        reports: list[Reported] = []
        dropped: list[str] = []
        done = await check.timed(
            Stage.PAID, lambda: self._paid(gateway, question, reports, dropped), "answer_timeout", limit=SLOW
        )
        if "stream" in dropped:
            # The answer came, but only in one piece: organisations that are not verified get no streams.
            done = replace(done, verdict=Verdict.WARNED, trouble=explain("verification"))
        yield replace(done, usage=reports[-1].usage if reports else None)

    @staticmethod
    async def _models(gateway: OpenAIGateway, models: list[ModelInfo]) -> str:
        models.extend(await gateway.models())
        return f"{len(models)} models" if len(models) != 1 else "1 model"

    @staticmethod
    async def _projects(organization: OrganizationView) -> str:
        projects = await organization.projects()
        return f"{len(projects):,} projects" if len(projects) != 1 else "1 project"

    @staticmethod
    def _model(check: RouteCheck, model: str | None, models: list[ModelInfo]) -> StageResult:
        if model is None:
            return StageResult(Stage.MODEL, Verdict.SKIPPED, note="no model chosen")
        if not models:
            return StageResult(Stage.MODEL, Verdict.SKIPPED, note="the server lists no models")
        if any(one.id == model for one in models):
            retires = next(one.retires for one in models if one.id == model)
            if retires:
                return StageResult(Stage.MODEL, Verdict.WARNED, note=f"{model} retires on {retires}")
            return StageResult(Stage.MODEL, Verdict.PASSED, note=model)
        near = nearest(model, models)
        trouble = recognise(check.signal("model_not_found"))
        return StageResult(Stage.MODEL, Verdict.FAILED, note=f"nearest: {near}" if near else "", trouble=trouble)

    @staticmethod
    async def _count(gateway: OpenAIGateway, question: Question) -> str:
        return f"{await gateway.count(question)} tokens"

    @staticmethod
    async def _paid(gateway: OpenAIGateway, question: Question, reports: list[Reported], dropped: list[str]) -> str:
        async with aclosing(gateway.ask(question)) as events:
            async for event in events:
                if isinstance(event, Reported):
                    reports.append(event)
                elif isinstance(event, Finished | Failed):
                    dropped.extend(event.dropped)
                    if isinstance(event, Failed) and event.trouble.id not in _ANSWERED:
                        raise Refused(event.trouble)
        usage = reports[-1].usage if reports else None
        return f"billed {usage.input} in, {usage.output} out" if usage else "answered"


def _fails_without_a_key(result: StageResult, base_url: str) -> bool:
    """Whether a gateway only stumbles over a request without a key: the next stage asks it with one.

    Seen: LiteLLM without its database answers 500 to any request that has no key.
    """
    fault = result.trouble is not None and result.trouble.id == "server-error"
    return result.stage is Stage.ANSWER and fault and not is_openai(base_url)


def _without_a_key(result: StageResult) -> StageResult:
    return replace(result, verdict=Verdict.WARNED, note="a fault without a key", trouble=None)


def _forgiven(listed: StageResult, gateway: OpenAIGateway) -> StageResult:
    """A failed list of models that does not mean a bad key: the server has none, or the key may not read it."""
    trouble = listed.trouble
    if trouble is not None and gateway.capabilities.models is False:
        return replace(listed, verdict=Verdict.SKIPPED, note="the server lists no models", trouble=None)
    if trouble is not None and trouble.id == "missing-scope":
        return replace(listed, verdict=Verdict.WARNED, note="the key may not list models; it may still use them")
    return listed
