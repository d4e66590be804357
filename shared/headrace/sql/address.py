"""A SQLAlchemy URL and credentials in; an engine on that database, or a sentence about the URL, out."""

from pathlib import Path

from sqlalchemy import URL, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from headrace.errors import Rejected
from headrace.settings import Credentials

EXAMPLE = "postgresql://db.example.com:5432/shop?sslmode=require"
DRIVERS = {"postgres": "postgresql+psycopg2", "postgresql": "postgresql+psycopg2"}
SECRET = {"password", "passwd", "sslpassword"}


def engine(sql: str, who: Credentials) -> Engine:
    """Asks nothing of the database yet. Raises Rejected for a URL that names none, or that carries a password."""
    url = _parsed(sql)
    if url.password is not None or SECRET & {key.lower() for key in url.query}:
        raise Rejected(
            f"the address of {url.host or url.database} carries a password, which shells and logs keep: "
            "take it out and set HEADRACE_SQL_PASSWORD"
        )
    try:
        return create_engine(_with(url, who), poolclass=NullPool)
    except NoSuchModuleError:
        raise Rejected(f"SQLAlchemy has no dialect {url.drivername!r}; an address is such as {EXAMPLE}") from None
    except ModuleNotFoundError as error:
        raise Rejected(f"{url.drivername} needs the package {error.name!r}; install it with pip") from error


def _parsed(sql: str) -> URL:
    try:
        return make_url(sql)
    except (ArgumentError, ValueError):  # its message would quote the address, and with it a password
        raise Rejected(f"what was given as the database's address is none; an address is such as {EXAMPLE}") from None


def _with(url: URL, who: Credentials) -> URL:
    if url.get_backend_name() != "sqlite":
        user, password = url.username or who.user or None, who.password or None
        return url.set(drivername=DRIVERS.get(url.drivername, url.drivername), username=user, password=password)
    if url.database and not url.database.startswith("file:") and not Path(url.database).is_file():
        raise Rejected(f"there is no file {url.database}; SQLite would make an empty one")
    return url
