"""A context variable adds its fields to every line that is logged inside its span."""

import asyncio
import contextlib
import logging
from contextvars import ContextVar

log = logging.getLogger("spans")

# ANCHOR: spans
SPANS: ContextVar[tuple[str, ...]] = ContextVar("spans", default=())


@contextlib.contextmanager
def span(name: str, **fields):
    listed = " ".join(f"{key}={value}" for key, value in fields.items())
    token = SPANS.set((*SPANS.get(), f"{name}{{{listed}}}"))
    try:
        yield
    finally:
        SPANS.reset(token)


def add_spans(record: logging.LogRecord) -> bool:
    record.spans = ":".join(SPANS.get())
    return True


async def buy(order: int, item: str, password: str) -> None:
    with span("buy", order=order):
        log.info('ordered item="%s"', item)
        if await log_in(password):
            await charge(len(item) * 100)


async def charge(cents: int) -> None:
    with span("charge", cents=cents):
        await asyncio.sleep(0.03)
        log.info("paid")
# ANCHOR_END: spans


async def log_in(password: str) -> bool:
    await asyncio.sleep(0.01)
    known = password == "s3cret"
    if not known:
        log.warning("wrong password")
    return known


async def main() -> None:
    ada = asyncio.create_task(buy(7, "lamp oil", "s3cret"), name="ada")
    bob = asyncio.create_task(buy(8, "matches", "hunter2"), name="bob")
    await ada
    await bob
    print("both customers are served")


class Print(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(asyncio.current_task().get_name(), self.format(record))


handler = Print()
handler.addFilter(add_spans)
logging.addLevelName(logging.WARNING, "WARN")
logging.basicConfig(
    level=logging.INFO, format="%(levelname)s %(spans)s: %(message)s", handlers=[handler]
)
asyncio.run(main())
