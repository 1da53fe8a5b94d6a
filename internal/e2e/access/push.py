"""Pushes with prometheus_client: push.py <url> <job>. Prints the status, or "refused" if there is no answer."""

import os
import sys
from urllib.error import HTTPError

from prometheus_client import CollectorRegistry, Gauge, push_to_gateway
from prometheus_client.exposition import basic_auth_handler, default_handler, tls_auth_handler

env = os.environ.get


def handler(url, method, timeout, headers, data):
    if env("PUSH_USERNAME"):
        return basic_auth_handler(url, method, timeout, headers, data, env("PUSH_USERNAME"), env("PUSH_PASSWORD"))
    if env("PUSH_AUTHORIZATION"):
        headers = headers + [("Authorization", env("PUSH_AUTHORIZATION"))]
    if env("PUSH_CERT_FILE"):
        return tls_auth_handler(
            url, method, timeout, headers, data, env("PUSH_CERT_FILE"), env("PUSH_KEY_FILE"), env("SSL_CERT_FILE")
        )
    return default_handler(url, method, timeout, headers, data)


url, job = sys.argv[1:]
registry = CollectorRegistry()
Gauge("m", "A metric.", registry=registry).set(1)
try:
    push_to_gateway(url, job, registry, handler=handler)
    print(200)
except HTTPError as err:
    print(err.code)
except OSError:
    print("refused")
