"""Serving: whether visitors may change the database is for the host to say."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from corpus import cli
from pages.parts import permission


@pytest.fixture
def environments(monkeypatch) -> list[dict[str, str]]:
    """The environments that dashboards were started in, instead of starting them."""
    started: list[dict[str, str]] = []

    def run(command, *, cwd, env, check):
        started.append(env)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(cli.Snapshot, "open", lambda path: SimpleNamespace(close=lambda: None))
    return started


@pytest.mark.parametrize(
    ("options", "outside", "may"),
    [([], None, False), (["--write"], None, True), ([], "1", True), ([], "0", False), (["--write"], "0", True)],
)
def test_visitors_may_write_only_if_the_host_says_so(environments, monkeypatch, options, outside, may):
    monkeypatch.delenv(permission.ALLOWS, raising=False)
    if outside is not None:
        monkeypatch.setenv(permission.ALLOWS, outside)
    done = CliRunner().invoke(cli.app, ["serve", "--db", "x.duckdb", *options])
    assert done.exit_code == 0
    assert (environments[0].get(permission.ALLOWS) == "1") is may


@pytest.mark.parametrize(("value", "may"), [("1", True), (" 1 ", True), ("", False), ("0", False), ("no", False)])
def test_permission_is_a_1(monkeypatch, value, may):
    monkeypatch.setenv(permission.ALLOWS, value)
    assert permission.may_write() is may
    assert permission.ALLOWS in permission.how()
    assert "--write" in permission.how()
