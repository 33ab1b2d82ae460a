"""A Spark session: the one that is there, a cluster's, or one that is started here."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engagement_cli.engines.spark.java import check_java
from engagement_cli.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MASTER = "local[*]"
_MEMORY = "4g"  # what tasks give passes through this JVM
_PORT = 15002  # Spark Connect's
_MASTER_PORT = 7077  # a standalone master's
_MASTERS = "masters are local[2], local[*], spark://host:port, yarn and k8s://…"
_PATIENCE = 10.0  # seconds
_INSTALL = "pip install 'engagement-cli[spark]'"
_SETTINGS = {
    "spark.app.name": "engagement",
    "spark.driver.maxResultSize": "0",  # results are as large as the report needs
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def open_session(remote: str | None, master: str | None) -> SparkSession:
    """The cluster's session at `remote` (sc://host:port), else the process's active one, else one of `master`.

    What is opened here lasts until the process ends. Raises `UserError` where pyspark or Java are missing, and where
    the cluster cannot be reached.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UserError("pyspark is not installed", where="--engine spark", hint=_INSTALL) from None
    if remote is not None:
        return _connected(remote)
    active: SparkSession | None = SparkSession.getActiveSession() if master is None else None
    return active if active is not None else _started(master or _MASTER)


@cache
def _connected(remote: str) -> SparkSession:
    """A session through Spark Connect."""
    where = f"--spark-remote {remote}"
    url = urlsplit(remote)
    if url.scheme != "sc" or not url.hostname:
        raise UserError("this is no address of Spark Connect", where=where, hint="write sc://host, or sc://host:15002")
    if not (reason := _unreachable(url.hostname, url.port or _PORT)):
        try:
            from pyspark.sql.connect.session import SparkSession as ConnectSession
        except ImportError as error:
            raise UserError(f"Spark Connect needs more: {error}", where=where, hint=_INSTALL) from None
        session: SparkSession = ConnectSession.builder.remote(remote).create()
        atexit.register(_leave, session, url.hostname, url.port or _PORT)
        return session
    hint = "is the server running, and does a firewall let you through? Its default port is 15002"
    raise UserError(f"no Spark Connect server answers: {reason}", where=where, hint=hint)


def _unreachable(host: str, port: int) -> str | None:
    """Why nothing answers there, if so: Spark's client itself would try again for ten minutes."""
    if any(os.environ.get(name) for name in ("grpc_proxy", "https_proxy", "http_proxy")):
        return None  # only the proxy can tell
    try:
        socket.create_connection((host, port), _PATIENCE).close()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _leave(session: SparkSession, host: str, port: int) -> None:
    if _unreachable(host, port) is None:
        session.stop()


@cache
def _started(master: str) -> SparkSession:
    """A session of a Spark that is started here; what it says goes to a file, and is told where it fails."""
    check_java()
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    if master.startswith("spark://") and all(_unreachable(*at) for at in _hosts(master)):
        raise UserError("no Spark master answers", where=f"--spark-master {master}", hint="is it running? " + _MASTERS)
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_DRIVER_MEMORY", _MEMORY)  # spark-defaults.conf goes before it
    conf = SparkConf(loadDefaults=False).setMaster(master).setAll(list(_SETTINGS.items()))
    with tempfile.NamedTemporaryFile(prefix="engagement-spark-", suffix=".log") as log:
        try:
            gateway = launch_gateway(conf, {"stdout": log, "stderr": log})
            context = SparkContext(conf=conf, gateway=gateway)
        except (PySparkException, Py4JError) as error:
            raise _not_started(master, Path(log.name).read_text(errors="replace")) from error
    context.setLogLevel("OFF")
    session: SparkSession = SparkSession(context)
    atexit.register(session.stop)
    return session


def _hosts(master: str) -> list[tuple[str, int]]:
    """Hosts and ports of `spark://host:port,host:port`."""
    urls = [urlsplit(f"spark://{part}") for part in master.removeprefix("spark://").split(",")]
    with suppress(ValueError):  # of a port that is no number
        return [(url.hostname or "", url.port or _MASTER_PORT) for url in urls]
    return []


def _not_started(master: str, said: str) -> UserError:
    """The last reason that Spark gave."""
    lines = [line.strip() for line in said.splitlines()]
    reasons = [line for line in lines if ("Exception" in line or "rror" in line) and not line.startswith("at ")]
    return UserError(
        f"Spark could not be started: {reasons[-1] if reasons else 'it said no reason'}",
        where=f"--spark-master {master}",
        hint=_MASTERS,
    )
