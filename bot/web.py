"""The one HTTP server: health, readiness and figures here; each platform hangs its own routes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.courier import Courier
from storage import outbox
from storage.database import Database

OLD = 300.0
"""Seconds after which something that waits in the outbox is worth a look."""


class Figures:
    """What is counted, for Prometheus: no names, no texts, no ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            "opsbook_events",
            "What people did, by kind and outcome",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._waiting = Gauge(
            "opsbook_outbox_waiting", "Messages that wait to be sent or drawn", registry=self.registry
        )
        self._dead = Gauge("opsbook_outbox_dead", "Messages that were given up", registry=self.registry)
        self._age = Gauge(
            "opsbook_outbox_age_seconds", "How long the oldest due message has waited", registry=self.registry
        )
        self._sent = Gauge(
            "opsbook_platform_sent", "Messages sent since the start", ["platform"], registry=self.registry
        )
        self._failed = Gauge(
            "opsbook_platform_failed",
            "Tries that failed since the start",
            ["platform"],
            registry=self.registry,
        )

    def count(self, kind: str, outcome: str) -> None:
        """One thing that somebody did, and how it went."""
        self._events.labels(kind, outcome).inc()

    def text(self, outbox_figures: dict[str, int], age: float, courier: Courier) -> bytes:
        """All figures in Prometheus' own format."""
        self._waiting.set(outbox_figures["waiting"])
        self._dead.set(outbox_figures["dead"])
        self._age.set(age)
        for name, health in courier.health.items():
            self._sent.labels(name).set(health.sent)
            self._failed.labels(name).set(health.failed)
        return generate_latest(self.registry)


def hang_health(
    app: web.Application,
    database: Database,
    courier: Courier,
    figures: Figures,
    clock: Callable[[], datetime],
) -> None:
    """`/healthz`: the process lives. `/readyz`: database, platforms and the outbox's age. `/metrics`: figures."""

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def age() -> tuple[dict[str, int], float]:
        async with asyncio.timeout(2.0), database.reading() as session:
            soonest = await outbox.next_due(session, courier.platforms)
            waited = (clock() - soonest).total_seconds() if soonest else 0.0
            return await outbox.figures(session, clock()), max(0.0, waited)

    async def ready(_: web.Request) -> web.Response:
        try:
            waiting, waited = await age()
        except database.unavailable as error:
            return web.json_response({"status": "unavailable", "database": type(error).__name__}, status=503)
        platforms = {
            name: "failing" if name in courier.health and courier.health[name].failing else "ok"
            for name in courier.platforms
        }
        degraded = "failing" in platforms.values() or waited > OLD
        return web.json_response(
            {
                "status": "degraded" if degraded else "ready",
                "database": "ok",
                "platforms": platforms,
                "outbox": {**waiting, "age_seconds": round(waited, 1)},
            }
        )

    async def metrics(_: web.Request) -> web.Response:
        try:
            waiting, waited = await age()
        except database.unavailable as error:
            return web.Response(text=f"# the database does not answer: {type(error).__name__}\n", status=503)
        return web.Response(body=figures.text(waiting, waited, courier), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)
