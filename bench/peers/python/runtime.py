"""Lambda's Runtime API over one connection that stays open, and nothing else: AWS's own client for Python takes longer."""

import json
import os
import socket

HOST = os.environ["AWS_LAMBDA_RUNTIME_API"]
NEXT = f"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode()


def field(head, name):
    """A header's value; none if there is no such header."""
    start = head.find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


def exchange(connection, message):
    """Sends a message; the head of what comes back, in small letters, and its body."""
    connection.sendall(message)
    read = b""
    while (blank := read.find(b"\r\n\r\n")) < 0:
        read += received(connection)
    head = read[:blank].lower()
    end = blank + 4 + int(field(head, b"content-length") or 0)
    while len(read) < end:
        read += received(connection)
    return head, read[blank + 4 : end]


def received(connection):
    part = connection.recv(65536)
    if not part:
        raise SystemExit
    return part


def run(handle):
    """Answers one event after another with what `handle` returns."""
    host, port = HOST.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            head, event = exchange(connection, NEXT)
            body = json.dumps(handle(json.loads(event))).encode()
            request = field(head, b"lambda-runtime-aws-request-id").decode()
            path = f"/2018-06-01/runtime/invocation/{request}/response"
            start = f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {len(body)}\r\n\r\n"
            exchange(connection, start.encode() + body)
