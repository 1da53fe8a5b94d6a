"""Imports the rows of CSV files and says how it went.

    PUSHGATEWAY_URL=http://localhost:9091 python3 batch_job.py orders.csv customers.csv
"""

import csv
import os
import sys

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary, push_to_gateway

GATEWAY = os.environ.get("PUSHGATEWAY_URL", "http://localhost:9091")

# A registry of its own: that of the process has metrics of Python, which nobody wants of a job.
registry = CollectorRegistry()
rows = Counter("import_rows", "Rows that were imported.", ["table"], registry=registry)
duration = Summary("import_duration_seconds", "How long a file took.", registry=registry)
last_success = Gauge("import_last_success_timestamp_seconds", "When everything was imported.", registry=registry)


def import_file(path):
    table = os.path.splitext(os.path.basename(path))[0]
    with open(path, newline="") as file, duration.time():
        for _row in csv.DictReader(file):
            rows.labels(table=table).inc()


def main():
    try:
        for path in sys.argv[1:]:
            import_file(path)
        last_success.set_to_current_time()
    finally:
        # Pushed after a failure too: without a new time of success, an alert on its age notices it.
        push_to_gateway(GATEWAY, job="import", registry=registry)


if __name__ == "__main__":
    main()
