"""A client that sends what browsers send."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.kernel import mail
from app.kernel.work import Kernel
from app.main import create_worker


class Browser:
    """Sends our origin with every act and, if there is one, the cookie of a person."""

    def __init__(self, flask: Flask, kernel: Kernel, token: str | None = None) -> None:
        self.client, self.settings = flask.test_client(), kernel.settings
        self.base_url = kernel.settings.base_url
        if token:
            domain = self.base_url.partition("://")[2]
            self.client.set_cookie(self.settings.cookie, token, domain=domain, secure=True)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=self.base_url, headers=headers)

    def post(self, path: str, /, **fields: Any) -> TestResponse:
        headers = {"Origin": self.base_url}
        return self.client.post(path, data=fields, headers=headers, base_url=self.base_url)

    def save(self, path: str, /, **fields: Any) -> TestResponse:
        """Post as `lotse.js` does."""
        headers = {"Origin": self.base_url, "X-Lotse-Fragment": "1"}
        return self.client.post(path, data=fields, headers=headers, base_url=self.base_url)


def text_of(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def mails(kernel: Kernel) -> list[str]:
    """All mails that were sent, oldest first, as text."""
    create_worker(kernel).tick()
    return [
        path.read_bytes().decode().replace("=\r\n", "").replace("=3D", "=")
        for path in sorted(mail.mailbox(kernel.settings).glob("*.eml"))
    ]


def newest_link(kernel: Kernel, path: str) -> str:
    """The path of the link in the newest mail."""
    found = re.search(rf"{re.escape(kernel.settings.base_url)}({path}[\w-]+)", mails(kernel)[-1])
    assert found is not None
    return found[1]
