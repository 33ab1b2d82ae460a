from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.setup.vocabulary import kind_of_event
from engagement_cli.setup.words import remark, word, word_list

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=300)
@given(TEXTS)
def test_any_text_reads_back_as_itself(text: str) -> None:
    assert yaml.safe_load(f"{word(text)}: 1") == {text: 1}
    assert yaml.safe_load(f"a: {{x: {word(text)}, y: {word_list([text, text])}}}") == {
        "a": {"x": text, "y": [text, text]}
    }
    assert len(word(text).splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["yes", "No", "on", "null", "~", "1.5", "2025-01-01", "12:30", "0123", " a", "a ", "a: b"]
)
def test_words_that_yaml_would_misread_are_quoted(text: str) -> None:
    assert word(text).startswith('"')


@pytest.mark.parametrize("text", ["login", "$pageview", "page view", "user/login", "Add-to-cart (app)"])
def test_plain_words_stay_plain(text: str) -> None:
    assert word(text) == text


@given(st.text(max_size=100))
def test_a_remark_is_one_line(text: str) -> None:
    assert len(remark(text).splitlines()) <= 1
    assert len(remark(text)) <= 80


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("purchase", "purchase"),
        ("OrderCompleted", "purchase"),
        ("order_cancelled", "leaving"),
        ("email_unsubscribed", "leaving"),
        ("refund", "refund"),
        ("email_delivered", "done to the customer"),
        ("support_feedback", "support"),
        ("invite_sent", "passing on"),
        ("Refer a friend", "friends and groups"),
        ("photo_upload", "creating"),
        ("rated", "judging"),
        ("video-watched", "acting"),
        ("$pageview", "looking"),
        ("user login", "being there"),
        ("subscribe_newsletter", "joining"),
        ("xyz", "other"),
    ],
)
def test_the_words_of_a_name_tell_the_kind_of_event(event: str, kind: str) -> None:
    assert kind_of_event(event).name == kind
