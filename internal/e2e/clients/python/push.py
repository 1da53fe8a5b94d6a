"""Pushes with prometheus_client: push.py <operation> <url> <job> [<label> <value>]..."""

import os
import sys
from urllib.error import URLError

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import delete_from_gateway, push_to_gateway, pushadd_to_gateway
from prometheus_client.exposition import basic_auth_handler, default_handler


def authenticated(url, method, timeout, headers, data):
    return basic_auth_handler(
        url, method, timeout, headers, data, os.environ["PUSH_USERNAME"], os.environ["PUSH_PASSWORD"]
    )


operation, url, job, *pairs = sys.argv[1:]
grouping_key = dict(zip(pairs[::2], pairs[1::2]))
handler = authenticated if "PUSH_USERNAME" in os.environ else default_handler

registry = CollectorRegistry()
files = Counter("backup_files", "Files that were saved.", registry=registry)
size = Gauge("backup_size_bytes", "Size of the backup.", ["disk"], registry=registry)
duration = Histogram("backup_duration_seconds", "Time per file.", buckets=[1, 10], registry=registry)
files.inc(3)
size.labels(disk="sda").set(4096)
duration.observe(0.5)
duration.observe(20)

try:
    if operation == "push":
        push_to_gateway(url, job, registry, grouping_key, handler=handler)
    elif operation == "add":
        pushadd_to_gateway(url, job, registry, grouping_key, handler=handler)
    elif operation == "delete":
        delete_from_gateway(url, job, grouping_key, handler=handler)
    else:
        sys.exit(f"no operation {operation}")
    print("ok")
except URLError as err:
    print("error:", err)
