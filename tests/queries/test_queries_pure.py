"""What the queries package may know: frames and schemes, neither pages nor the store."""

import ast
import inspect
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
QUERIES = sorted((ROOT / "queries").glob("*.py"))
#: What each package may import of the others: the way from a file to a page, and never back.
ALLOWED = {
    "queries": ("queries", "corpus.tables", "corpus.schemes"),
    "corpus": ("corpus",),
    "pages": (
        *("pages", "queries", "corpus.tables", "corpus.schemes", "corpus.problems", "corpus.exporters.cells"),
        *("corpus.lemmas", "corpus.judgements", "corpus.labeller_jobs"),
        *("corpus.labeller.errors", "corpus.labeller.reports"),
    ),
}
#: The one module of pages that opens the store.
OPENS = ROOT / "pages" / "parts" / "frames.py"
#: The one module of queries in which a plan leaves expressions for a function on the whole of a counted frame.
FITS = ROOT / "queries" / "fitting.py"
#: What stands on top of all, as app.py does: the command, the report that it prints, the button that writes files.
ON_TOP = {ROOT / "corpus" / f"{name}.py" for name in ("cli", "selecting", "quality")}
ON_TOP |= {ROOT / "pages" / "parts" / "export_button.py"}
OWN = ("app", "corpus", "queries", "pages", "tests")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_there_are_queries():
    assert {"filters", "profile", "distribution", "coverage"} <= {path.stem for path in QUERIES}


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_queries_never_collect_and_know_neither_streamlit_nor_duckdb(path):
    source = path.read_text("utf-8")
    for word in (".collect(", ".collect_all(", "streamlit", "duckdb", "map_elements", "map_batches"):
        assert word not in source or (path == FITS and word == "map_batches"), word
    assert len(source.splitlines()) < 300


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_run_one_way(package):
    for path in sorted(set((ROOT / package).rglob("*.py")) - {OPENS} - ON_TOP):
        for module in imports(path):
            if module.split(".")[0] in OWN:
                fits = any(module == allowed or f"{module}.".startswith(f"{allowed}.") for allowed in ALLOWED[package])
                # `from corpus import tables` names the package first, then what it takes from it
                fits |= module in ("corpus", "queries", "pages", "pages.parts") and any(
                    i.startswith(f"{module}.") for i in imports(path)
                )
                assert fits, f"{path.relative_to(ROOT)} imports {module}"


def test_only_one_module_of_pages_collects():
    for path in sorted(set((ROOT / "pages").rglob("*.py")) - {OPENS}):
        assert ".collect()" not in path.read_text("utf-8"), path.name
        assert "collect_all" not in path.read_text("utf-8"), path.name


def test_html_is_made_in_one_place():
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        if path.parent.name != "parts":
            assert "st.html(" not in path.read_text("utf-8"), path.name
            assert "unsafe_allow" not in path.read_text("utf-8"), path.name


def test_modules_and_pages_are_short():
    for package in ("corpus", "queries", "pages"):
        for path in (ROOT / package).rglob("*.py"):
            page = package == "pages" and path.parent.name != "parts"
            assert len(path.read_text("utf-8").splitlines()) < (100 if page else 300), path.name


def test_corpus_tables_and_schemes_know_no_store():
    for name in ("tables.py", "schemes/__init__.py"):
        assert not {"duckdb", "corpus.store", "streamlit"} & imports(ROOT / "corpus" / name)


@pytest.mark.parametrize("path", [p for p in QUERIES if p.stem != "__init__"], ids=lambda path: path.stem)
def test_a_query_is_documented_and_gives_one_lazy_frame(path):
    module = __import__(f"queries.{path.stem}", fromlist=["_"])
    assert module.__doc__
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__ or not callable(thing):
            continue
        assert thing.__doc__, name
        if name == path.stem:
            lazy = inspect.signature(thing, eval_str=True).return_annotation
            assert lazy in (pl.LazyFrame, str), name
