from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engagement_cli.errors import Problem, UserError
from engagement_cli.settings.places import KeyPath, Places
from engagement_cli.settings.yaml_lines import parse_yaml, read_yaml

FILE = Path("engagement.yaml")


def plain(text: str) -> Any:
    tree, problems = parse_yaml(text, FILE)
    assert problems == []
    return tree.plain()


def refused(text: str) -> Problem:
    with pytest.raises(UserError) as caught:
        parse_yaml(text, FILE)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("word", ["no", "NO", "yes", "on", "off", "y", "n", "Off"])
def test_words_of_yaml_1_1_stay_text_as_values_and_as_keys(word: str) -> None:
    assert plain(f"{word}: {word}") == {word: word}


@pytest.mark.parametrize("word", ["12:30", "0123", "0o17", "0x1F", "1_000", "2025-06-30", ".inf", ".nan", "1" * 19])
def test_what_only_looks_like_a_number_stays_text(word: str) -> None:
    assert plain(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("-12", -12), ("1.50", 1.5), (".5", 0.5), ("1e3", 1000.0), ("2.", 2.0)]
)
def test_decimal_numbers_are_numbers(text: str, value: float) -> None:
    assert plain(f"a: {text}") == {"a": value}


def test_true_false_and_null_keep_their_meaning() -> None:
    assert plain("{a: true, b: False, c: null, d: ~, e: }") == {"a": True, "b": False, "c": None, "d": None, "e": None}


def test_quotes_make_text_of_anything() -> None:
    assert plain("""{a: "1", b: 'true', c: "null"}""") == {"a": "1", "b": "true", "c": "null"}


def test_a_standard_tag_makes_text_of_a_number() -> None:
    assert plain("a: !!str 123") == {"a": "123"}


def test_keys_are_text_as_written() -> None:
    assert plain("404: a\n0123: b\ntrue: c") == {"404": "a", "0123": "b", "true": "c"}


def test_every_value_knows_the_line_of_its_key() -> None:
    tree, _ = parse_yaml("# comment\na: 1\nb:\n  c: >\n    long\n    text\n  d:\n  - x\n  - y\n", FILE)
    paths: dict[KeyPath, int] = {("a",): 2, ("b",): 3, ("b", "c"): 4, ("b", "d"): 7, ("b", "d", 1): 9}
    assert {path: tree.down(path)[-1].place.line for path in paths} == paths
    assert [len(tree.down(path)) for path in paths] == [len(path) + 1 for path in paths]


def test_a_path_is_followed_as_far_as_something_is_written() -> None:
    places = Places(parse_yaml("a: 1\nb:\n  c: [x]\n", FILE)[0])
    for path in (("b", "c", 1), ("b", "c", "x"), ("b", "c", 0, "x")):
        assert not places.has(path)
        assert str(places.nearest(path)) == "engagement.yaml:3"
    assert places.has(("b", "c", 0))
    assert str(places.nearest(("d",))) == "engagement.yaml:1"


def test_a_key_that_stands_twice_is_a_problem_that_names_both_lines() -> None:
    _, problems = parse_yaml("a: 1\nb: 2\na: 3\n", FILE)
    assert [(p.what, p.where) for p in problems] == [
        ("the key 'a' stands twice, in line 1 and in line 3", "engagement.yaml:3")
    ]


def test_all_repeated_keys_are_named_at_once() -> None:
    _, problems = parse_yaml("a: {x: 1, x: 2}\nb: 2\nb: 3\n", FILE)
    assert [p.where for p in problems] == ["engagement.yaml:1", "engagement.yaml:3"]


def test_anchors_and_merge_keys_work_and_own_keys_win() -> None:
    text = "base: &base {a: 1, b: 2}\nother: {<<: *base, b: 3}\nlist: {<<: [*base, {b: 9, c: 4}]}"
    assert plain(text) == {"base": {"a": 1, "b": 2}, "other": {"a": 1, "b": 3}, "list": {"a": 1, "b": 2, "c": 4}}


def test_of_several_merge_keys_the_first_wins() -> None:
    assert plain("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: *a, <<: *b}")["c"] == {"x": 1, "y": 2}


def test_a_merged_key_that_is_no_mapping_is_a_problem() -> None:
    _, problems = parse_yaml("a: {<<: text}", FILE)
    assert [p.what for p in problems] == ["<<: merges mappings only"]


def test_an_anchor_that_contains_itself_is_a_problem() -> None:
    _, problems = parse_yaml("a: &a [*a]", FILE)
    assert [p.what for p in problems] == ["an anchor contains itself"]


def test_aliases_that_multiply_without_end_are_refused() -> None:
    names = "abcdefgh"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join([f'*{m}'] * 10)}]" for m, n in pairwise(names)]
    assert refused("\n".join(lines)).what == "the file expands to more than 200,000 values"


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "- " * 100_000, "a: " + "[" * 500 + "]" * 500])
def test_extreme_nesting_is_refused(text: str) -> None:
    assert refused(text).what == "the file nests more than 50 levels"


@pytest.mark.parametrize("tag", ["!!python/object:os.system", "!mine", "!!binary", "!!set"])
def test_foreign_tags_are_refused(tag: str) -> None:
    _, problems = parse_yaml(f"a: 1\nb: {tag} x", FILE)
    assert [(p.what, p.where) for p in problems] == [(f"the tag {tag} is not understood", "engagement.yaml:2")]


def test_a_key_that_is_no_text_is_a_problem() -> None:
    _, problems = parse_yaml("? [a, b]\n: 1", FILE)
    assert [p.what for p in problems] == ["a key must be text"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null"])
def test_an_empty_file_is_an_empty_configuration(text: str) -> None:
    assert plain(text) == {}


@pytest.mark.parametrize("text", ["- a\n- b", "word", "12"])
def test_a_top_that_is_no_mapping_is_refused(text: str) -> None:
    assert refused(text).what == "a configuration is a mapping of key: value"


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a:\n\tb: 1", "a tab stands in the indentation", 2),
        ("a: 1\n---\nb: 2", "the file holds several documents (---); a configuration is one", 2),
        ("a: b: c", "a colon stands where none can", 1),
        ("x: 1\na: 'open\nb: 1\n", "a quotation mark is not closed", 2),
        ("a: {b: 1\nc: 2\n", "a bracket is not closed, or a comma is missing", 2),
        ("a: [", "a bracket is not closed, or a comma is missing", 1),
        ("a: 1\nb: *none", "an alias (*name) has no anchor (&name) before it", 2),
        ("a: 1\nb: %x", "a character stands where none like it can", 2),
        ("a:\n  b: 1\n c: 2", "the indentation does not fit the lines above", 3),
        ("a: 'x\x00'", "the file holds a control character", 1),
        ("a: 1\nword\nb: 2", "a key without its colon", 2),
    ],
)
@pytest.mark.parametrize("parser", ["libyaml, where it is installed", "Python"])
def test_broken_yaml_is_explained_in_plain_words_with_its_line(
    text: str, what: str, line: int, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parser == "Python":
        monkeypatch.setattr("engagement_cli.settings.yaml_compose._may_nest_deeply", lambda text: True)
    problem = refused(text)
    assert (problem.what, problem.where) == (what, f"engagement.yaml:{line}")


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: caf\xc3\xa9\r\n")
    tree, problems = read_yaml(file)
    assert (tree.plain(), problems) == ({"a": 1, "b": "café"}, [])
    assert tree.entries["b"].place.line == 2


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes("a: 1\nb: café\n".encode(encoding))
    with pytest.raises(UserError, match="not UTF-8") as caught:
        read_yaml(file)
    assert caught.value.problems[0].where == f"{file}:{2 if encoding == 'latin-1' else 1}"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no configuration file"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(UserError, match="it is a folder"):
        read_yaml(tmp_path)
