#!/bin/sh
# Backs up a directory and says how it went. In a crontab:
#
#   PUSHGATEWAY_URL=http://localhost:9091
#   30 2 * * *  /usr/local/bin/backup-cron.sh /srv/data /var/backups/data.tar.gz
set -eu

gateway=${PUSHGATEWAY_URL:-http://localhost:9091}
source=$1
archive=$2

started=$(date +%s)
failed=0
tar -czf "$archive" -C "$source" . || failed=$?
ended=$(date +%s)

# --fail makes a refused push an error, which cron sends by mail.
curl --silent --show-error --fail --max-time 30 --data-binary @- "$gateway/metrics/job/backup/instance/$(uname -n)" <<METRICS
# TYPE backup_exit_status gauge
# HELP backup_exit_status Exit status of tar; 0 is good.
backup_exit_status $failed
# TYPE backup_size_bytes gauge
# HELP backup_size_bytes Size of the archive.
backup_size_bytes{source="$source"} $(wc -c <"$archive")
# TYPE backup_duration_seconds gauge
# HELP backup_duration_seconds How long the backup took.
backup_duration_seconds{source="$source"} $((ended - started))
# TYPE backup_end_timestamp_seconds gauge
# HELP backup_end_timestamp_seconds When the backup ended.
backup_end_timestamp_seconds{source="$source"} $ended
METRICS
exit "$failed"
