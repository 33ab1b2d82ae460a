"""`metrics list` and `metrics show`: what they print, in each format, and what they say to a typo."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.catalogue import sample_session
from typer.testing import CliRunner

from engagement_cli.app import program
from engagement_cli.catalogue.documentation import HEADINGS, documentation
from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import METRIC_TYPES, PARAMETERS
from engagement_cli.settings.definitions import definition_hash

METRICS = sample_session().settings.metrics


def run(*words: str) -> str:
    """What a call prints on stdout; raises what it raises."""
    result = CliRunner().invoke(program(), list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def shown(name: str) -> dict[tuple[str, str], str]:
    rows = json.loads(run("metrics", "show", name, "--format", "json"))["rows"]
    return {(row["part"], row["item"]): row["text"] for row in rows}


def test_list_has_a_row_for_every_metric_in_the_catalogue_s_order() -> None:
    rows = list(csv.DictReader(io.StringIO(run("metrics", "list", "--format", "csv"))))
    assert [row["name"] for row in rows] == list(METRICS)
    assert list(rows[0]) == ["name", "label", "type", "dimension", "unit", "every", "measure", "stage"]
    by_name = {row["name"]: row for row in rows}
    assert by_name["stickiness"]["unit"] == "share"
    assert by_name["buyers"] == {
        "name": "buyers",
        "label": "Buyers",
        "type": "aggregate",
        "dimension": "value",
        "unit": "count",
        "every": "month",
        "measure": "value",
        "stage": "purchase",
    }


def test_list_gives_the_same_rows_in_json() -> None:
    document = json.loads(run("metrics", "list", "--format", "json"))
    assert [row["name"] for row in document["rows"]] == list(METRICS)


@pytest.mark.parametrize("format_name", ["table", "md"])
def test_list_prints_names_and_how_many_there_are(format_name: str) -> None:
    text = run("metrics", "list", "--format", format_name).replace("\\", "")
    assert "weekly_active_customers" in text
    assert f"{len(METRICS)} metrics" in text


def test_available_says_what_the_sample_can_feed() -> None:
    text = run("metrics", "list", "--available", "--sample", "-q")
    assert f"{len(METRICS)} of {len(METRICS)} metrics can be fed by these exports" in text


def test_available_names_what_is_missing(tmp_path: Path) -> None:
    export = tmp_path / "events.csv"
    export.write_text("user_id,event,time\na,visit,2025-01-01T10:00:00Z\nb,purchase,2025-01-02T10:00:00Z\n")
    rows = json.loads(run("metrics", "list", "--available", "--events", str(export), "--format", "json"))["rows"]
    by_name = {row["name"]: row for row in rows}
    assert [row["name"] for row in rows] == list(METRICS)
    assert (by_name["buyers"]["available"], by_name["buyers"]["missing"]) == (True, None)
    assert by_name["comments"]["available"] is False
    assert by_name["comments"]["missing"].startswith("no event comment")
    assert by_name["revenue_gross"]["missing"].startswith("no column 'value' in the events export")
    assert by_name["mrr"]["missing"] == "no subscriptions export"
    assert {row["name"] for row in rows if not row["available"] and not row["missing"]} == set()


def test_available_needs_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="nothing to read"):
        run("metrics", "list", "--available")


@pytest.mark.parametrize("name", METRICS)
def test_show_prints_an_entry_that_a_configuration_can_take_as_it_is(name: str) -> None:
    """The entry on the page, read again, is the same definition."""
    from engagement_cli.commands.definition import entry_text

    p, settings = METRICS[name], sample_session().settings
    ((read, entry),) = yaml.safe_load(entry_text(name, p)).items()
    assert read == name
    assert definition_hash(PARAMETERS[p.type].model_validate(entry), settings) == definition_hash(p, settings)


def test_show_tells_definition_parameters_entry_and_documentation() -> None:
    facts = shown("week_4_retention")
    assert facts["Definition", "type"] == "retention"
    assert facts["Definition", "unit"] == "share"
    assert facts["Definition", "dimension"] == "involvement"
    assert facts["Definition", "defined in"].rpartition(":")[0].endswith("default.yaml")
    assert facts["Definition", "definition hash"] == definition_hash(
        METRICS["week_4_retention"], sample_session().settings
    )
    assert facts["Parameters", "intervals"] == "26 (default: 12)"
    assert facts["Parameters", "criterion"] == "'on' (default)"
    assert facts["Parameters", "start"].endswith("(required)")
    assert facts["Entry", ""].startswith("week_4_retention:\n  type: retention\n")
    assert "    events: [signup, sign_up, signed_up, registered]\n" in facts["Entry", ""]
    assert "pooled" in facts["Type retention", "Formula"]
    assert facts["Type retention", "Source"].startswith("this program's definitions.")
    assert ("Type retention", "Example") not in facts


@pytest.mark.parametrize(
    ("name", "parameter", "said"),
    [
        ("nps", "survey", "nps (default)"),
        ("nps", "scale", "[0.0, 10.0] (default)"),
        ("csat", "satisfied_from", "4.0 (default)"),
        ("sessions", "gap", "30m (default)"),
        ("inactivity", "inactive_days", "30 (default)"),
        ("nps", "satisfied_from", "none (default)"),
    ],
)
def test_show_tells_what_is_in_force_where_a_parameter_is_left_out(name: str, parameter: str, said: str) -> None:
    assert shown(name)["Parameters", parameter] == said


def test_show_has_the_entry_as_yaml_to_be_copied() -> None:
    text = run("metrics", "show", "week_4_retention")
    assert "\nEntry\nweek_4_retention:\n  type: retention\n  label: Week-4 retention\n" in text
    assert ">>>" not in text
    assert "```yaml\nweek_4_retention:\n" in run("metrics", "show", "week_4_retention", "--format", "md")


def test_show_tells_the_benchmark_with_its_source() -> None:
    assert "strong 70 %, concern 50 %" in shown("subscription_retention_yearly")["Definition", "benchmark"]


@pytest.mark.parametrize("format_name", ["table", "csv", "md"])
def test_show_in_every_format(format_name: str) -> None:
    text = run("metrics", "show", "buyers", "--format", format_name)
    assert "distinct customers with a purchase in the period" in text


def test_show_cuts_nothing_where_the_terminal_is_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = run("metrics", "show", "buyers")
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= 40


def test_show_reads_the_line_of_the_user_s_own_file(tmp_path: Path) -> None:
    file = tmp_path / "engagement.yaml"
    file.write_text("metrics:\n  buyers: {every: week}\n  mine: {type: active, every: day}\n")
    text = run("metrics", "show", "mine", "--config", str(file))
    assert f"{file}:3" in "".join(text.split())  # long paths are folded
    assert "every: week" in run("metrics", "show", "buyers", "--config", str(file))


def test_an_unknown_metric_is_a_usage_error_with_a_suggestion() -> None:
    call = [sys.executable, "-m", "engagement_cli", "metrics", "show", "buyer"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "there is no metric 'buyer'" in done.stderr
    assert "did you mean 'buyers'?" in done.stderr


def test_a_metric_asked_for_by_its_label_is_suggested() -> None:
    call = [sys.executable, "-m", "engagement_cli", "metrics", "show", "net_promoter_score"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, "did you mean 'nps'?" in done.stderr) == (2, True)


@pytest.mark.parametrize("name", METRIC_TYPES)
def test_every_metric_type_documents_itself_under_the_same_headings(name: str) -> None:
    found = documentation(METRIC_TYPES[name])
    assert found.keys() == {"Summary", *HEADINGS}
    assert all(found.values())
