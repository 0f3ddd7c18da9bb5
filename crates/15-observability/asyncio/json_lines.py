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


async def order(order_id: int, item: str) -> None:
    SPANS.set([{"id": order_id, "name": "order"}])
    await asyncio.sleep(0.01)
    if len(item.splitlines()) == 1:
        log.info("paid", extra={"fields": {"item": item, "cents": 800}})
    else:
        log.warning("refused", extra={"fields": {"item": item}})
# ANCHOR_END: json


async def main() -> None:
    await order(7, "lamp oil")
    await order(8, "matches\nINFO order{id=8}: paid cents=1")
    print("one line for each event")


class Print(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record))


handler = Print()
handler.setFormatter(JsonFormatter())
logging.addLevelName(logging.WARNING, "WARN")
logging.basicConfig(level=logging.INFO, handlers=[handler])
asyncio.run(main())
