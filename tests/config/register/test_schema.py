"""The published schema says what the loader reads, and the file that lies here is the one that is published."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.assets.records import Asset, AssetKind
from itops.config.readers import READERS
from itops.config.register.loading import load
from itops.config.register.schema import DAY_PATTERN, FILE_NAME, TYPES, schema, schema_text
from itops.dates import parse_day
from itops.errors import ConfigInvalid, UsageWrong

ROOT = Path(__file__).parents[3]
ASSET = schema()["properties"]["assets"]["items"]


def test_the_schema_beside_the_demo_register_is_current():
    assert (ROOT / FILE_NAME).read_text(encoding="utf-8") == schema_text(), "run scripts/make_register_schema.py"


def test_every_key_of_an_asset_is_in_it_and_no_other():
    assert list(ASSET["properties"]) == [spec.name for spec in dataclasses.fields(Asset)]
    assert ASSET["required"] == ["id", "kind", "name", "site"]
    assert all(part["additionalProperties"] is not True for part in sections(schema()))


def test_every_key_is_described_in_persian_and_english():
    for part in sections(schema()):
        for name, value in part.get("properties", {}).items():
            assert re.search("[آ-ی]", value["description"]) or "UUID" in value["description"], name
            assert re.search("[a-z]{3}", value["description"]), name


def sections(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "additionalProperties" in part:
            yield part
        for below in part.values():
            yield from sections(below)
    elif isinstance(part, list):
        for below in part:
            yield from sections(below)


def test_its_types_are_types_that_the_loader_reads():
    assert set(TYPES) <= set(READERS)


@given(
    st.from_regex(r"[0-9۰-۹٠]{4}[-/.][0-9۰-۹]{1,2}[-/.][0-9۰-۹]{1,2}", fullmatch=True)
    | st.text(alphabet="0123۱۴-/. x", max_size=10)
)
def test_a_day_that_the_loader_reads_is_never_underlined(text):
    try:
        parse_day(text)
    except UsageWrong:
        return
    assert re.search(DAY_PATTERN, text.strip())


@pytest.mark.parametrize("text", ["1402-13-01", "1402-00-01", "1402-05-32", "02-05-1402", "1402-05", "۱۴۰۲-۱۳-۰۱"])
def test_a_day_that_no_calendar_has_is_underlined(text):
    assert not re.search(DAY_PATTERN, text)


@pytest.mark.parametrize("kind", AssetKind)
def test_the_blocks_that_the_schema_allows_a_kind_are_those_that_the_loader_allows(tmp_path, kind):
    contents = {"ups": "capacity_va: 3", "fire": "agent: x", "link": "provider: x", "vm": "name: x"}
    for block, inner in contents.items():
        text = f"sites: {{h: x}}\nassets: [{{id: A, kind: {kind}, name: x, site: h, {block}: {{{inner}}}}}]\n"
        (tmp_path / "inventory.yaml").write_text(text)
        rule = next(rule for rule in ASSET["allOf"] if rule["if"]["required"] == [block])
        is_allowed = rule["then"]["properties"]["kind"]["const"] == kind
        try:
            load(tmp_path / "inventory.yaml")
        except ConfigInvalid:
            assert not is_allowed
        else:
            assert is_allowed


def test_it_is_json_that_any_editor_reads():
    assert json.loads(schema_text())["$schema"] == "http://json-schema.org/draft-07/schema#"
