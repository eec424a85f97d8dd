"""Requests to an API, and what they must be answered."""

import http.client
import json
import os
import time
import urllib.parse
import uuid

PATIENCE = 60


class Unexpected(Exception):
    """An answer that should not be. It names the request, and repeats no token."""


class Answer:
    def __init__(self, request, status, headers, text):
        self.request = request
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.text = text
        try:
            self.body = json.loads(text) if text else None
        except ValueError:
            self.body = None

    def __getitem__(self, member):
        self.must(isinstance(self.body, dict) and member in self.body, f"has no {member}")
        return self.body[member]

    def must(self, holds, problem):
        if not holds:
            error = self.body.get("error", "") if isinstance(self.body, dict) else self.text[:80]
            raise Unexpected(f"{self.request} was answered {self.status} {error}: it {problem}")
        return self

    def is_(self, status, error=None):
        self.must(self.status == status, f"should have been {status}")
        if error:
            self.must(self["error"] == error, f"should have been {error}")
        return self


class Api:
    def __init__(self, url):
        self.url = urllib.parse.urlsplit(url.rstrip("/"))

    def send(self, method, path, body=None, *, token=None, form=None, headers=()):
        headers = dict(headers)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if form is not None:
            headers["Content-Type"], body = "application/x-www-form-urlencoded", urllib.parse.urlencode(form)
        elif body is not None:
            headers["Content-Type"], body = "application/json", json.dumps(body)
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.url.hostname, self.url.port, timeout=PATIENCE)
        try:
            connection.request(method, self.url.path + path, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(f"{method} {path}", answer.status, answer.getheaders(), answer.read().decode())
        except OSError as error:
            raise Unexpected(f"{method} {path} was not answered: {error}") from error
        finally:
            connection.close()

    def get(self, path, **options):
        return self.send("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.send("POST", path, body, **options)


class Inbox:
    """What the function that stands for a sender of mail was given."""

    def __init__(self, file):
        self.file = file

    def mails(self, address, kind):
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [mail for mail in map(json.loads, lines) if (mail["to"], mail["kind"]) == (address, kind)]

    def newest(self, address, kind, count=1):
        """The newest mail of a kind, once there are so many."""
        deadline = time.monotonic() + 20
        while len(mails := self.mails(address, kind)) < count:
            if time.monotonic() > deadline:
                raise Unexpected(f"no mail {kind} came (the inbox has {len(mails)} of {count})")
            time.sleep(0.1)
        return mails[-1]


def new_address():
    return f"trial-{os.getpid()}-{uuid.uuid4().hex[:12]}@example.com"
