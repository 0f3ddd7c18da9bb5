"""In JSON every event is one line and one object, whatever its values contain."""

import asyncio
import json
import logging
from contextvars import ContextVar

log = logging.getLogger("json_lines")
SPANS: ContextVar[list] = ContextVar("spans", default=[])


# ANCHOR: json
class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event = {"level": record.levelname, "message": record.getMessage()}
        event |= getattr(record, "fields", {})
        event["spans"] = SPANS.get()
        return json.dumps(event, separators=(",", ":"))


class TextFormatter(logging.Formatter):
    def __init__(self, shown) -> None:
        super().__init__()
        self.shown = shown  # `str`, as `%s`, or `repr`, as `%r`

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {}).items()
        fields = "".join(f" {name}={self.shown(value)}" for name, value in fields)
        spans = ":".join(f"{span['name']}{{id={span['id']}}}" for span in SPANS.get())
        return f"{record.levelname} {spans}: {record.getMessage()}{fields}"


async def order(order_id: int, item: str) -> None:
    SPANS.set([{"id": order_id, "name": "order"}])
    await asyncio.sleep(0.01)
    if len(item.splitlines()) == 1:
        log.info("paid", extra={"fields": {"item": item, "cents": 800}})
    else:
        log.warning("refused", extra={"fields": {"item": item}})
# ANCHOR_END: json


async def main() -> None:
    forged = "matches\nINFO order{id=8}: paid cents=1"
    handler.setFormatter(TextFormatter(repr))
    await order(7, "lamp oil")
    handler.setFormatter(JsonFormatter())
    await order(7, "lamp oil")
    print("as text, with %item:")
    handler.setFormatter(TextFormatter(str))
    await order(8, forged)
    print("as text, with item:")
    handler.setFormatter(TextFormatter(repr))
    await order(8, forged)
    print("as JSON, with %item:")
    handler.setFormatter(JsonFormatter())
    await order(8, forged)


class Print(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record))


handler = Print()
logging.addLevelName(logging.WARNING, "WARN")
logging.basicConfig(level=logging.INFO, handlers=[handler])
asyncio.run(main())
