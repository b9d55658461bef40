"""The end that runs beside a client of Microsoft's: takes a question a line, has the client ask the emulator, answers a line.

Standard library only. Nothing of the client is replaced. What is added around it is an ear: an audit hook of Python's own,
which hears every address that the process looks up or connects to, and refuses all but loopback.
"""

import base64
import importlib.metadata
import json
import os
import sys
import time
import traceback

LOOPBACK = ("localhost", "127.0.0.1", "::1")
strayed = []


def listen(event, args):
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in LOOPBACK:
        strayed.append(host)
        raise OSError(f"{host} is not loopback, and nothing else may be asked")


def token(tenant, audience):
    """An unsigned token with what azureml-core reads from one. The emulator takes any token."""
    head = {"alg": "none", "typ": "JWT"}
    now = int(time.time())
    claims = {"aud": audience, "exp": now + 3600, "iat": now, "nbf": now, "tid": tenant}
    claims["oid"] = "00000000-0000-0000-0000-000000000001"
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (head, claims)]
    return ".".join([*parts, ""])


def serve(open_client):
    """`open_client` takes the first line, which says where everything is, and gives a dictionary of subject to function."""
    # Clients print as they like; what they print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.addaudithook(listen)
    subjects = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if subjects is None:
                subjects = open_client(question)
                answer = {"told": importlib.metadata.version(question["package"])}
            else:
                answer = {"told": subjects[question.pop("subject")](**question)}
        except Exception as error:  # Whatever the client raises is what the judge wants to hear.
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        answer["strayed"] = strayed[:]
        strayed.clear()
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
