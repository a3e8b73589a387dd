"""The organisation as rows: what stands under what, what each costs, and what a filter finds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from keytui.domain.organization.parts import Project, ProjectKey, ServiceAccount
from keytui.domain.organization.reading import Reading
from keytui.domain.organization.rows import OrganizationRow, Section, matching, section

SHOP, DOCS = Project("proj_shop", "Shop"), Project("proj_docs", "Docs")
BOT, IDLE = ServiceAccount("sa_1", "Bot", "member"), ServiceAccount("sa_2", "Idle", "member")
KEYS = (
    ProjectKey("key_1", "first", "sk-…1111", owner="Bot", account_id="sa_1"),
    ProjectKey("key_2", "second", "sk-…2222", owner="Bot", account_id="sa_1"),
    ProjectKey("key_3", "Ann's", "sk-…3333", owner="Ann"),
    ProjectKey("key_4", "orphan", "sk-…4444", account_id="sa_gone"),
)
COSTS = {"proj_shop": Decimal(10), "key_1": Decimal(2), "key_2": Decimal(3), "key_3": Decimal(1)}


def shop(costs: dict[str, Decimal] | None) -> Section:
    return section(SHOP, (BOT, IDLE), KEYS, costs)


def test_accounts_stand_with_their_keys_and_people_after_them() -> None:
    assert [(row.id, row.depth, row.cost) for row in shop(COSTS).rows] == [
        ("proj_shop - -", 0, 10),
        ("proj_shop sa_1 -", 1, 5),
        ("proj_shop sa_1 key_1", 2, 2),
        ("proj_shop sa_1 key_2", 2, 3),
        ("proj_shop sa_2 -", 1, 0),
        ("proj_shop - key_3", 1, 1),
        ("proj_shop - key_4", 1, 0),
    ]


def test_a_cost_that_is_not_known_is_not_zero() -> None:
    assert {row.cost for row in shop(None).rows} == {None}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", 7),
        ("shop", 7),
        ("BOT", 3),
        ("bot 2222", 1),
        ("sa_1 key_1", 1),
        ("ann", 1),
        ("nobody", 0),
    ],
)
def test_a_filter_wants_every_word_whatever_its_case(wanted: str, found: int) -> None:
    assert len(matching(shop(COSTS).rows, wanted)) == found


def test_the_whole_organisation_is_a_row_too() -> None:
    whole = OrganizationRow()
    assert (whole.id, whole.depth) == ("- - -", 0)
    assert matching([whole], "Organisation") == [whole]


def test_how_far_the_organisation_is_read() -> None:
    begun = Reading((SHOP, DOCS))
    assert (begun.complete, begun.keys, begun.cost(None), begun.cost("key_1")) == (False, 0, None, None)
    half = Reading((SHOP, DOCS), COSTS, {"proj_shop": shop(COSTS)})
    assert (half.complete, half.keys, half.cost(None), half.cost("key_3"), half.cost("key_9")) == (False, 4, 10, 1, 0)
    assert Reading((SHOP,), COSTS, {"proj_shop": shop(COSTS)}).complete
