"""Clients that save answers without a pause and keep books of what was acknowledged."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from http.client import HTTPException
from itertools import count, cycle
from uuid import UUID

from tests.security.killable import Client, Reply, Service

Content = tuple[str, str]
"""Value and note."""

REST_S = 0.02
REVISION = re.compile(r'name="revision"[^>]* value="(\d+)"')
"""The first in a reply is that of the answer it is about."""


class Saver(threading.Thread):
    """One person at one browser, with questions that nobody else answers.

    After a lost reply a patient one sends the same answer again; another one sends a new answer,
    and is shown two versions if the lost one had been stored.
    """

    def __init__(
        self,
        service: Service,
        token: str,
        check: UUID,
        questions: Sequence[str],
        *,
        patient: bool,
    ) -> None:
        super().__init__(daemon=True)
        self.questions, self.patient = questions, patient
        self.revisions: Counter[str] = Counter()
        self.acknowledged: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.last: dict[str, Content] = {}
        self.problems: list[str] = []
        self._client = Client(service, {"lotse": token}, {"X-Lotse-Fragment": "1"}, timeout_s=20)
        self._path = f"/checks/{check}/fragen/"
        self._enough = threading.Event()
        self._numbers = count(1)

    def run(self) -> None:
        for question in cycle(self.questions):
            if self._enough.is_set() or self.problems:
                return
            self._save(question)

    def finish(self) -> None:
        """Let the answer in hand be acknowledged, then end."""
        self._enough.set()
        self.join(60)
        if self.is_alive():
            self.problems.append("still waits for an acknowledgement")

    def _save(self, question: str) -> None:
        """Send until something is acknowledged."""
        content, unsure = self._new(question), False
        while not self.problems:
            reply = self._post(question, content)
            if reply is None:  # stored or not: nobody has told us
                unsure = True
                if not self.patient:
                    content = self._new(question)
                time.sleep(REST_S)
            elif reply.status == 503:
                time.sleep(REST_S)
            elif reply.status == 200:
                self._moved_on(question, reply)
                self.acknowledged[question] += 1
                self.last[question] = content
                return
            elif reply.status == 409 and unsure and not self.patient:
                self._moved_on(question, reply)  # the lost one was stored
                unsure = False
            else:
                self.problems.append(f"{question}: {reply.status}")

    def _new(self, question: str) -> Content:
        self.sent[question] += 1
        number = next(self._numbers)
        return ("yes", "no")[number % 2], f"{self.name} {number}"

    def _post(self, question: str, content: Content) -> Reply | None:
        value, note = content
        seen = str(self.revisions[question])
        try:
            return self._client.post(self._path + question, value=value, note=note, revision=seen)
        except (OSError, HTTPException):
            return None

    def _moved_on(self, question: str, reply: Reply) -> None:
        """Each acknowledged answer is one revision: none is lost, none counts twice."""
        found = REVISION.search(reply.text)
        self.revisions[question] += 1
        if found is None or int(found[1]) != self.revisions[question]:
            self.problems.append(f"{question}: revision {found and found[1]}")
