"""The command `newsgraph`.

What only a server needs is imported where it is started: a load does not wait for it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.logging import RichHandler

from graph.config import PREFIX, Scope, Settings, Token, load_settings
from graph.errors import UsageError
from graph.store.client import open_database
from graph.store.embedded import embedded
from graph.web.logs import formatter_of
from graph.web.tokens import digest_of, new_token
from loaders.cli import MongoUrl, check_command, exit_codes, load_command, say, shown_progress
from loaders.load import load
from loaders.plan import Plan
from loaders.render import render_text

EXAMPLE: Final = """\
query Front {
  articles(first: 3) {
    nodes {
      title
      publishedDateTime
      provider { name }
      topics { name articleCount }
      related(first: 2) { title article { slug } }
    }
    totalCount
  }
}"""

app = typer.Typer(
    name="newsgraph",
    help="A folder of front-matter news documents → MongoDB → a public GraphQL API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("load")(load_command)
app.command("check")(check_command)

out = Console()
err = Console(stderr=True)

Host = Annotated[
    str | None,
    typer.Option(help="The address to serve at.", envvar=f"{PREFIX}HOST", show_default="127.0.0.1"),
]
Port = Annotated[
    int | None,
    typer.Option(help="The port to serve at.", envvar=f"{PREFIX}PORT", show_default="8000"),
]
Workers = Annotated[
    int | None,
    typer.Option(help="How many processes.", envvar=f"{PREFIX}WORKERS", show_default="1"),
]

Scopes = Annotated[
    list[Scope], typer.Option("--scope", help="What the token allows; can be given again.")
]


@app.command()
def serve(
    mongo_url: MongoUrl = None, host: Host = None, port: Port = None, workers: Workers = None
) -> None:
    """Serve the API."""
    from graph import serving

    with exit_codes():
        settings = load_settings(mongo_url=mongo_url, host=host, port=port, workers=workers)
        _log_to_stderr(settings)
        serving.require_free_port(settings)
        with _quiet_end():
            serving.serve(settings)


@app.command()
def demo(port: Port = None) -> None:
    """Start a database, load the seeds, serve them, and say where."""
    from graph import serving

    with exit_codes():
        settings = load_settings(port=port, media_dir=seeds_dir() / "images")
        _log_to_stderr(settings)
        serving.require_free_port(settings)
        with _quiet_end():
            asyncio.run(_demo(settings))


@app.command()
def schema() -> None:
    """Print the schema in the schema definition language."""
    from graph.schema import print_schema

    sys.stdout.write(print_schema())


@app.command()
def explain(
    query: Annotated[str, typer.Argument(help="The text of an operation; - reads it from stdin.")],
    variables: Annotated[str, typer.Option(help="Its variables, as a JSON object.")] = "{}",
    operation: Annotated[
        str | None, typer.Option(help="Which one, where there are several.")
    ] = None,
    mongo_url: MongoUrl = None,
) -> None:
    """Show what an operation becomes: its cost, the database commands of a run, its Python."""
    with exit_codes():
        settings = load_settings(mongo_url=mongo_url)
        text = sys.stdin.read() if query == "-" else query
        with _quiet_end():
            sys.stdout.write(asyncio.run(_explained(settings, text, variables, operation)))


async def _explained(settings: Settings, query: str, variables: str, operation: str | None) -> str:
    from graph.schema.explain import explain as explained

    try:
        given = json.loads(variables)
    except ValueError as error:
        raise UsageError(f"--variables: not JSON: {error}") from None
    if not isinstance(given, dict):
        raise UsageError("--variables: not a JSON object")
    async with open_database(settings) as database:
        served = database.limited(settings.query_timeout)
        return await explained(served, query, given, operation, settings.video_hosts)


@app.command()
def token(scopes: Scopes) -> None:
    """Make a bearer token: print it, and its entry for NEWSGRAPH_TOKENS."""
    made = new_token()
    entry = Token(digest_of(made), frozenset(scopes))
    sys.stdout.write(f"{made}\n{entry}\n")
    sys.stdout.flush()
    say("the first line is the token: hand it over in secret, it is not shown again")
    say(
        f"the second is its entry: add it to {PREFIX}TOKENS, which holds entries separated by "
        f"spaces, and restart the server"
    )


def seeds_dir() -> Path:
    """The folder of demo documents: in the package once it is installed, else in the checkout."""
    here = Path(__file__).resolve().parent
    return next(
        (folder for folder in (here / "seeds", here.parent / "seeds") if folder.is_dir()),
        here / "seeds",
    )


async def _demo(settings: Settings) -> None:
    from graph.serving import serve_here

    async with embedded(settings.data_dir) as url:
        served = settings.model_copy(update={"mongo_url": url})
        err.print(f"MongoDB runs in [bold]{settings.data_dir}[/]; loading {seeds_dir().name}/ …")
        async with open_database(served) as database:
            plan = Plan.of([seeds_dir()])
            with shown_progress(plan) as advance:
                report = await load(database, served, plan, advance=advance)
        render_text(report, out)
        _print_welcome(served)
        await serve_here(served)
    err.print(f"Stopped. The data stays in {settings.data_dir}/.")


def _print_welcome(settings: Settings) -> None:
    url = f"http://{settings.host}:{settings.port}"
    out.print("\n[bold]newsgraph is up.[/]")
    out.print(f"  reader    {url}/", soft_wrap=True)
    out.print(f"  explorer  {url}/explorer/\n  API       {url}/graphql", soft_wrap=True)
    out.print("\nA query to paste:\n")
    out.print(EXAMPLE, highlight=False, markup=False)
    out.print("\nCtrl-C stops everything.\n")


def _log_to_stderr(settings: Settings) -> None:
    handler = RichHandler(console=err, show_path=False)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    handler.setFormatter(formatter_of(settings))
    logging.getLogger("pymongo").setLevel(logging.WARNING)


@contextmanager
def _quiet_end() -> Iterator[None]:
    """Ctrl-C is how a server is meant to end."""
    with suppress(KeyboardInterrupt):
        yield
