"""What a small report costs whatever its rows: queries, counted, since times differ by machine."""

from __future__ import annotations

import subprocess
import sys

# A query costs a tenth of a millisecond however few its rows: with 5,900 of them, they took longer than all else.
MOST_QUERIES = 2600

COUNTED = """
import sys, threading
queries = 0
def count(frame, event, called):
    global queries
    queries += event == "c_call" and called.__name__ == "collect"
from engagement_cli import app
threading.setprofile(count)
sys.setprofile(count)
app.program("report")(["report", "--sample", "--quiet"], prog_name="engagement", standalone_mode=False)
sys.setprofile(None)
print(queries, file=sys.stderr)
"""


def test_a_report_on_the_sample_asks_few_queries() -> None:
    done = subprocess.run([sys.executable, "-c", COUNTED], capture_output=True, text=True, check=True)
    assert 0 < int(done.stderr) <= MOST_QUERIES
