"""The `reviewscope` command as people meet it: what it prints, what it writes, and what it says when they err."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from corpus import cli
from corpus.problems import PROBLEM_KINDS

TAGGED = "Good.[[OAL-POS], [null]] Bad.[[WRC-POS], [EMP-NEG]]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "reviews"
    folder.mkdir()
    (folder / "p1.txt").write_text(TAGGED)
    (folder / "empty.txt").write_text("")
    return folder


def row(out: str, name: str) -> str | None:
    """The number that the summary gives for `name`."""
    match = re.search(rf"^\s*{name}\s+([\d,]+)", out, re.MULTILINE)
    return match[1] if match else None


def test_ingest_prints_plain_lines_and_a_summary(command, folder, tmp_path):
    code, out, err = command("ingest", folder, "--db", tmp_path / "s.duckdb")
    assert (code, err) == (0, "")
    assert "Ingesting: 2 of 2 files" in out
    assert "\x1b" not in out
    assert "\r" not in out
    found = {name: row(out, name) for name in ("files", "papers", "reviews", "segments", "labels", "problems")}
    assert found == {"files": "2", "papers": "1", "reviews": "1", "segments": "2", "labels": "3", "problems": "2"}
    assert (row(out, "unknown_code"), row(out, "empty_file")) == ("1", "1")
    assert "now holds snapshot" in out


def test_ingest_again_says_that_nothing_is_new(command, folder, tmp_path):
    command("ingest", folder, "--db", tmp_path / "s.duckdb")
    code, out, _ = command("ingest", folder, "--db", tmp_path / "s.duckdb")
    assert code == 0
    assert "Nothing new" in out
    assert row(out, "unchanged") == "2"


def test_check_lists_problems_with_their_place_and_writes_nothing(command, folder, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    code, out, err = command("check", folder)
    assert (code, err) == (0, "")
    assert re.search(r"reviews/p1\.txt, bytes 29–51: WRC-POS is no code", out)
    assert "reviews/empty.txt: 0 bytes and no text." in out
    assert sorted(tmp_path.rglob("*")) == before


def test_check_lists_no_more_than_asked_for_and_says_so(command, folder):
    for number in range(4):
        (folder / f"e{number}.txt").write_text("")
    _, out, _ = command("check", folder, "--most", 2)
    assert "… and 3 more; --most lists them." in out
    assert out.count("0 bytes and no text.") == 2


def test_info_tells_version_fingerprint_and_counts(command, folder, tmp_path):
    command("ingest", folder, "--db", tmp_path / "s.duckdb")
    code, out, _ = command("info", "--db", tmp_path / "s.duckdb")
    assert code == 0
    assert row(out, "schema version") == "3"
    assert re.search(r"^\s*fingerprint\s+[0-9a-f]{64}\s*$", out, re.MULTILINE)
    assert [row(out, name) for name in ("sources", "papers", "reviews", "segments", "labels")] == [
        "2",
        "1",
        "1",
        "2",
        "3",
    ]


def errors(root: Path) -> dict[str, tuple[list[object], str]]:
    """Every mistake a user may make: what is typed, and what the message must name."""
    (root / "text.duckdb").write_text("no database")
    (root / "file").write_text("x")
    (root / "none").mkdir()
    (root / "folder.duckdb").mkdir()
    (root / "bad.csv").write_text("key,year\np1,MMXX\n")
    db = root / "s.duckdb"
    return {
        "missing path": (["ingest", root / "nowhere", "--db", db], "nowhere"),
        "missing path to check": (["check", root / "nowhere"], "nowhere"),
        "empty folder": (["ingest", root / "none", "--db", db], "none"),
        "empty folder to check": (["check", root / "none"], "none"),
        "no such format": (["ingest", root / "reviews", "--db", db, "--format", "docx"], "Known formats: bracket, "),
        "no such format to check": (["check", root / "reviews", "--format", "docx"], "Known formats: bracket, "),
        "missing database": (["info", "--db", root / "gone.duckdb"], "gone.duckdb"),
        "missing database to serve": (["serve", "--db", root / "gone.duckdb"], "gone.duckdb"),
        "a text as database": (["info", "--db", root / "text.duckdb"], "no Reviewscope database"),
        "a text to ingest into": (["ingest", root / "reviews", "--db", root / "text.duckdb"], "text.duckdb"),
        "a folder as database": (["info", "--db", root / "folder.duckdb"], "folder"),
        "a folder to ingest into": (["ingest", root / "reviews", "--db", root / "folder.duckdb"], "folder"),
        "a database under a file": (["ingest", root / "reviews", "--db", root / "file" / "s.duckdb"], "file"),
        "missing metadata": (["ingest", root / "reviews", "--db", db, "--metadata", root / "gone.csv"], "gone.csv"),
        "bad metadata": (["ingest", root / "reviews", "--db", db, "--metadata", root / "bad.csv"], "row 1"),
        "no database named": (["ingest", root / "reviews"], "--db"),
        "no path named": (["ingest", "--db", db], "paths"),
        "no such option": (["check", root / "reviews", "--frmat", "x"], "--frmat"),
        "no such command": (["injest"], "injest"),
        "no port": (["serve", "--db", db, "--port", "0"], "port"),
    }


MISTAKES = (
    "missing path",
    "missing path to check",
    "empty folder",
    "empty folder to check",
    "no such format",
    "no such format to check",
    "missing database",
    "missing database to serve",
    "a text as database",
    "a text to ingest into",
    "a folder as database",
    "a folder to ingest into",
    "a database under a file",
    "missing metadata",
    "bad metadata",
    "no database named",
    "no path named",
    "no such option",
    "no such command",
    "no port",
)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_message_and_exit_code_2(command, folder, tmp_path, mistake):
    args, named = errors(tmp_path)[mistake]
    code, _, err = command(*args)
    assert code == 2
    assert named in err
    assert "Traceback" not in err
    if err.startswith("Error:"):  # the command's own messages; Typer draws a box around its
        assert err.count("\n") == 1


def test_a_database_in_a_folder_that_may_not_be_written_is_told(command, folder, tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    code, _, err = command("ingest", folder, "--db", tmp_path / "deep" / "s.duckdb")
    assert code == 2
    assert "Permission denied" in err


NAMES = ["[bold]x.txt", "[red]y[green].txt", "a:smile:b.txt", "back\\slash.txt", "[link=x]z.txt"]


@pytest.mark.parametrize("name", NAMES)
def test_markup_in_names_is_printed_as_it_stands(command, folder, tmp_path, name):
    (folder / name).write_text("")
    code, out, _ = command("check", folder)
    assert code == 0
    assert f"reviews/{name}: 0 bytes" in out


def test_markup_in_passages_and_messages_is_printed_as_it_stands(command, folder, tmp_path):
    (folder / "m.txt").write_text("It is [bold]great[/bold] :smile: [/].[[WRC-POS], [EMP-NEG]]")
    _, out, _ = command("check", folder)
    assert "[bold]great[/bold] :smile: [/]." in out
    code, out, _ = command("ingest", folder, "--db", tmp_path / "[red]:smile:.duckdb")
    assert code == 0
    assert "[red]:smile:.duckdb now holds" in out
    _, _, err = command("check", tmp_path / "[no]:smile:")
    assert "[no]:smile:" in err


def test_long_paths_are_not_broken(command, folder):
    name = "x" * 200 + ".txt"
    (folder / name).write_text("")
    assert f"reviews/{name}: 0 bytes" in command("check", folder)[1]


@pytest.mark.parametrize("name", ["ingest", "check", "info", "serve"])
def test_help_documents_every_option(command, name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    sub = typer.main.get_command(cli.app).commands[name]
    code, out, _ = command(name, "--help")
    assert code == 0
    for parameter in sub.params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{parameter.name} has no help"
            assert parameter.help.split(";")[0].split(".")[0] in " ".join(out.split())
            assert all(option in out for option in parameter.opts if option.startswith("--"))


def test_the_four_commands_are_there(command):
    code, out, _ = command("--help")
    assert code == 0
    assert all(name in out for name in ("ingest", "check", "info", "serve"))


def test_every_kind_of_problem_has_a_sentence():
    assert all(re.fullmatch(r"[A-Z].+\.", meaning) for meaning in PROBLEM_KINDS.values())


def test_the_installed_command_runs_from_anywhere(folder, tmp_path):
    program = Path(sys.executable).parent / "reviewscope"
    run = subprocess.run([program, "check", "reviews", "nowhere"], cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "Error: nowhere: there is no such file or folder.\n"


def test_a_pipe_that_closes_early_leaves_no_traceback(folder):
    for number in range(300):
        (folder / f"e{number}.txt").write_text("")
    program = Path(sys.executable).parent / "reviewscope"
    line = f"'{program}' check '{folder}' --most 1000 | head -1"
    run = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert "Traceback" not in run.stderr
