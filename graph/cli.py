"""The command `newsgraph`.

Modules that only the server needs are imported in functions: those of GraphQL and HTTP take longer
than all that a load needs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from graph.config import PREFIX, Scope, Settings, Token, load_settings
from graph.errors import SearchUnavailable, UsageError
from graph.store.driver.client import open_database
from graph.store.revision import read_corpus
from graph.web.http.request.auth import new_token, token_digest
from graph.web.observability.logging import TextFormatter, log_to_stderr
from loaders.cli import CONTEXT, check_command, load_command
from loaders.command_options import (
    MongoUrl,
    Preset,
    SiteName,
    SiteUrl,
    non_empty_path,
    site_settings,
)
from loaders.console import (
    CommandGroup,
    exit_codes,
    say,
    warn_of_unknown_variables,
    write,
)
from loaders.export_command import export_command
from loaders.site_commands import init_command

app = typer.Typer(
    cls=CommandGroup,
    name="newsgraph",
    help="A folder of front-matter news documents → MongoDB → a public GraphQL API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
)
app.command("load")(load_command)
app.command("check")(check_command)
app.command("export")(export_command)
app.command("init")(init_command)

err = Console(stderr=True)

Host = Annotated[
    str | None,
    typer.Option(
        help="The address to listen on.", envvar=f"{PREFIX}HOST", show_default="127.0.0.1"
    ),
]
Port = Annotated[
    int | None,
    typer.Option(help="The port to listen on.", envvar=f"{PREFIX}PORT", show_default="8000"),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(help="The number of processes.", envvar=f"{PREFIX}WORKERS", show_default="1"),
]
DemoSite = Annotated[
    Path | None,
    typer.Option(
        "--site",
        help="A site of your own: its root, or the folder of its documents.",
        metavar="PATH",
        parser=non_empty_path,
        show_default="the seeds",
    ),
]
Scopes = Annotated[list[Scope], typer.Option("--scope", help="A scope of the token; repeatable.")]


def _print_version(is_requested: bool) -> None:
    if is_requested:
        with exit_codes():
            write(f"newsgraph {version('newsgraph')}\n")
        raise typer.Exit


@app.callback()
def newsgraph(
    context: typer.Context,
    shows_version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    warn_of_unknown_variables(context)


@app.command()
def serve(
    mongo_url: MongoUrl = None, host: Host = None, port: Port = None, workers: WorkersOption = None
) -> None:
    """Serve the API."""
    from graph import serving

    with exit_codes():
        settings = load_settings(mongo_url=mongo_url, host=host, port=port, workers=workers)
        _log_to_stderr(settings)
        with serving.bound_socket(settings) as listening, _quiet_end():
            serving.serve(settings, listening)


@app.command()
def demo(
    context: typer.Context,
    site: DemoSite = None,
    preset: Preset = None,
    site_name: SiteName = None,
    site_url: SiteUrl = None,
    port: Port = None,
) -> None:
    """Start a database, load the seeds or a site of your own, serve them, and say where."""
    from graph import serving
    from graph.demo import Demo

    with exit_codes():
        if site is None:
            _refuse_site_options(context)
            demo = Demo.of_seeds()
        else:
            demo = Demo.of_site(site, site_settings(site_name, site_url), preset)
        settings = load_settings(port=port, mongo_url=demo.mongo_url, media_dir=demo.media_dir)
        _log_to_stderr(settings)
        with serving.bound_socket(settings) as listening, _quiet_end():
            asyncio.run(demo.run(settings, listening))


def _refuse_site_options(context: typer.Context) -> None:
    """Reject options for a site without --site. Values from the environment are ignored: they are
    for other commands.
    """
    for name in ("preset", "site_name", "site_url"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} applies to a site of your own: name its folder with --site")


@app.command()
def schema(
    check: Annotated[
        Path | None,
        typer.Option(
            help="Do not print the schema. List what has changed since the schema in this file, and"
            " exit with 1 if a change breaks clients.",
            metavar="OLD.graphql",
            parser=non_empty_path,
        ),
    ] = None,
) -> None:
    """Print the schema in the schema definition language, or check it against an earlier one."""
    from graph.schema import print_schema
    from graph.schema.compatibility import changes_since

    with exit_codes():
        if check is None:
            write(print_schema())
            return
        changes = changes_since(check)
        write(str(changes))
    if changes.breaking:
        raise typer.Exit(1)


@app.command()
def explain(
    query: Annotated[str, typer.Argument(help="The operation; - reads it from stdin.")],
    variables: Annotated[str, typer.Option(help="The variables, as a JSON object.")] = "{}",
    operation: Annotated[str | None, typer.Option(help="Its name, if there are several.")] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also run it on graphql-core, and compare.")
    ] = False,
    mongo_url: MongoUrl = None,
) -> None:
    """Show the cost, the database commands and the generated Python of an operation."""
    with exit_codes():
        settings = load_settings(mongo_url=mongo_url)
        with _quiet_end():
            text = _standard_input() if query == "-" else query
            account = _explained(settings, text, variables, operation, compare=compare)
            write(asyncio.run(account))


def _standard_input() -> str:
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise UsageError("standard input is not UTF-8") from None


async def _explained(
    settings: Settings, query: str, variables: str, operation: str | None, *, compare: bool
) -> str:
    from graph.schema.execution.explain import explain as explained
    from graph.search.index.service import open_search
    from graph.store.cache.corpus_state import follow_corpus

    try:
        values = json.loads(variables)
    except ValueError as error:
        raise UsageError(f"--variables: not JSON: {error}") from None
    if not isinstance(values, dict):
        raise UsageError("--variables: not a JSON object")
    async with open_database(settings) as database:
        served = database.limited(settings.query_timeout)
        # This reports an unreachable database, which the index would report as missing.
        await read_corpus(served)
        async with (
            follow_corpus(served) as corpus,
            open_search(settings, served, corpus) as service,
        ):
            with suppress(SearchUnavailable):
                await service.snapshot()  # a server has it, too
            return await explained(
                served, query, values, operation, settings.video_hosts, service, compare=compare
            )


@app.command()
def token(scopes: Scopes) -> None:
    """Create a bearer token. Print it, and its entry for NEWSGRAPH_TOKENS."""
    secret = new_token()
    entry = Token(token_digest(secret), frozenset(scopes))
    with exit_codes():
        write(f"{secret}\n{entry}\n")
    say("the first line is the token: keep it secret, it is not shown again")
    say(
        f"the second line is its entry: add it to {PREFIX}TOKENS, where spaces separate entries, "
        f"and restart the server"
    )


def _log_to_stderr(settings: Settings) -> None:
    """Log in colours to a terminal, and one line for each record to anything else."""
    if err.is_terminal and settings.log_format == "text":
        handler = RichHandler(console=err, show_path=False)
        handler.setFormatter(TextFormatter(dated=False))
        logging.basicConfig(handlers=[handler])
    log_to_stderr(settings)


@contextmanager
def _quiet_end() -> Iterator[None]:
    """Exit without an error on Ctrl-C, the normal way to stop a server."""
    with suppress(KeyboardInterrupt):
        yield
