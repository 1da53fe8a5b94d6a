#!/bin/sh
# Backs up a directory and says how it went. In a crontab:
#
#   PUSHGATEWAY_URL=http://localhost:9091
#   30 2 * * *  /usr/local/bin/backup-cron.sh /srv/data /var/backups/data.tar.gz
set -u

gateway=${PUSHGATEWAY_URL:-http://localhost:9091}
source=$1
archive=$2

started=$(date +%s)
tar -czf "$archive" -C "$source" .
status=$?
ended=$(date +%s)

metrics() {
	cat <<-METRICS
		# TYPE backup_exit_status gauge
		# HELP backup_exit_status Exit status of tar; 0 is good.
		backup_exit_status $status
		# TYPE backup_duration_seconds gauge
		# HELP backup_duration_seconds How long the backup took.
		backup_duration_seconds $((ended - started))
	METRICS
	[ "$status" -eq 0 ] || return
	cat <<-METRICS
		# TYPE backup_size_bytes gauge
		# HELP backup_size_bytes Size of the archive.
		backup_size_bytes $(wc -c <"$archive")
		# TYPE backup_last_success_timestamp_seconds gauge
		# HELP backup_last_success_timestamp_seconds When a backup last ended well.
		backup_last_success_timestamp_seconds $ended
	METRICS
}

# A refused push is an error, with the reason in the answer. Cron sends both by mail.
metrics | curl --silent --show-error --fail-with-body --max-time 30 --data-binary @- \
	"$gateway/metrics/job/backup/instance/$(uname -n)" || exit
exit "$status"
