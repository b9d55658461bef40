"""The front: what a client believes to be Azure. Each request goes through the judge whose specification knows its path.

One Prism process takes one specification, so this small router stands before them: client, front, judge, back, emulator.
Prism writes an answer anew on its way, and a number such as 1.0 would come out as 1; so the back keeps what the emulator
sent, and the client gets that, byte for byte.
"""

import http.client
import http.server
import json
import re
import threading
import urllib.parse
import uuid

from templates import unknown_queries
from verdict import Violation

# The verdict on a page of a hundred runs is longer than the header line that Python takes by itself.
http.client._MAXLINE = 1 << 24

HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "host"}
VERDICT = "sl-violations"
# How a verdict begins that is longer than the judge wants to write.
CUT = "Too many violations"
# Tells the back which answer a judge is about to see.
CASE = "x-witness-case"


def forward(request, port, body, case=None):
    """Sends a request on, whole; gives status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP | {CASE}}
        if case:
            headers[CASE] = case
        connection.request(request.command, request.path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120

    def serve(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        status, headers, content = self.answer(body)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = serve

    def log_message(self, *_):
        """The book says more."""


class Back(Handler):
    """Behind the judges: passes on to the emulator, and keeps the answer for the front. A part of one is shown as it is given."""

    def answer(self, body):
        shown = self.server.shown.get(self.headers[CASE])
        if shown:
            return shown
        answer = forward(self, self.server.emulator, body)
        self.server.kept[self.headers[CASE]] = answer
        return answer


class Front(Handler):
    """Before the judges."""

    def answer(self, body):
        court = self.server.court
        path = urllib.parse.urlsplit(self.path).path
        watching = court.watching and not path.startswith("/_emulator")
        found = court.templates.find(self.command, path) if watching else []
        if not found:
            if watching:
                court.book.pass_by(self.command, path)
            return forward(self, court.emulator_port, body)
        answer = self.judged(found[0], body)
        # What two specifications know is judged by both, as long as asking twice changes nothing.
        if self.command == "GET" or path.endswith((":query", "/list", "/full")):
            for operation in found[1:]:
                self.judged(operation, body)
        return answer

    def judged(self, operation, body):
        court, case = self.server.court, uuid.uuid4().hex
        status, headers, seen = forward(self, court.ports[operation.spec], body, case)
        answer = court.back.kept.pop(case, None)
        if answer is None:
            answer = (status, headers, seen)
            what = f"Prism refused to pass it on: {seen[:200].decode(errors='replace')}"
            found = [Violation(operation.spec, operation.label, "request", "request", what)]
        else:
            found = self.heard(operation, body, answer, headers)
        for name in unknown_queries(operation, self.path):
            what = f"the operation has no query parameter {name}"
            found.append(Violation(operation.spec, operation.label, "request", "request.query", what))
        court.book.note(operation, self.path, answer[0], found)
        return answer


    def heard(self, operation, body, answer, headers):
        """What the judge said of an answer. Of a long list it says only how it begins, so each half is shown to it alone."""
        verdict = next((value for name, value in headers if name.lower() == VERDICT), "[]")
        if not verdict.startswith(CUT):
            return read_verdict(operation, json.loads(verdict), answer[2])
        page = json.loads(answer[2])
        items = page.get("value")
        if not isinstance(items, list) or len(items) < 2:
            return [Violation(operation.spec, operation.label, "response", "response", "more is wrong than the judge tells")]
        court, found, middle = self.server.court, [], len(items) // 2
        for half in (items[:middle], items[middle:]):
            case, content = uuid.uuid4().hex, json.dumps({**page, "value": half}).encode()
            shown = court.back.shown[case] = (answer[0], answer[1], content)
            _, told, _ = forward(self, court.ports[operation.spec], body, case)
            court.back.shown.pop(case, None)
            found += self.heard(operation, body, shown, told)
        return found


def plain(text):
    """A message or a pointer without the numbers of the items, so that a thousand of one kind are one."""
    return re.sub(r"(?<=\.)\d+(?=\.|\s|$)|\[\d+\]", "*", text)


def is_null(content, location):
    """Whether the place that a judge complains of holds a null: Prism names the place, and not what stands there."""
    try:
        value = json.loads(content)
        for part in location:
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (ValueError, KeyError, IndexError, TypeError):
        return False
    return value is None


def read_verdict(operation, verdict, content):
    found = []
    for one in verdict:
        location = [str(part) for part in one["location"]]
        side = "response" if location[0] == "response" else "request"
        what = plain(one["message"])
        if location[:2] == ["response", "body"] and is_null(content, location[2:]):
            what += ", and is null"
        found.append(Violation(operation.spec, operation.label, side, plain(".".join(location)), what))
    return found


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()
