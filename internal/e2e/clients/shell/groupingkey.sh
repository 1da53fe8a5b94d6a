# Sourced by the scripts beside it.

# body is what is pushed.
body() {
	line_ends <<-EOF
		# TYPE backup_files_total counter
		backup_files_total 3
		# TYPE backup_size_bytes gauge
		backup_size_bytes{disk="sda"} 4096
		# TYPE backup_duration_seconds histogram
		backup_duration_seconds_bucket{le="1"} 1
		backup_duration_seconds_bucket{le="10"} 1
		backup_duration_seconds_bucket{le="+Inf"} 2
		backup_duration_seconds_sum 20.5
		backup_duration_seconds_count 2
	EOF
}

line_ends() {
	if [ "${PUSH_CRLF:-}" ]; then sed 's/$/\r/'; else cat; fi
}

# path is /metrics/job/<job>{/<label>/<value>}, in base64 where a value has characters that mean something in a URL.
path() {
	printf /metrics
	set -- job "$@"
	while [ $# -gt 0 ]; do
		case $2 in
		'') printf '/%s@base64/=' "$1" ;;
		*[!A-Za-z0-9._-]*) printf '/%s@base64/%s' "$1" "$(printf %s "$2" | base64 --wrap=0 | tr +/ -_)" ;;
		*) printf '/%s/%s' "$1" "$2" ;;
		esac
		shift 2
	done
}
