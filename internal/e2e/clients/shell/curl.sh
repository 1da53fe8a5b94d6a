#!/usr/bin/env bash
# Pushes with curl: curl.sh <operation> <url> <job> [<label> <value>]...
set -euo pipefail
. "$(dirname "$0")/groupingkey.sh"

operation=$1 url=$2
shift 2
args=(--silent --show-error --fail-with-body)
if [ "${PUSH_USERNAME:-}" ]; then args+=(--user "$PUSH_USERNAME:$PUSH_PASSWORD"); fi
if [ "${PUSH_CA_FILE:-}" ]; then args+=(--cacert "$PUSH_CA_FILE"); fi
# With this the password is sent only if a first answer asks for it.
if [ "${PUSH_ON_DEMAND:-}" ]; then args+=(--anyauth); fi
compress=cat
if [ "${PUSH_GZIP:-}" ]; then
	compress=gzip
	args+=(--header 'Content-Encoding: gzip')
fi

request() {
	case $operation in
	push) body | "$compress" | curl "${args[@]}" --request PUT --data-binary @- "$1" ;;
	add) body | "$compress" | curl "${args[@]}" --data-binary @- "$1" ;;
	delete) curl "${args[@]}" --request DELETE "$1" ;;
	esac
}

if answer=$(request "$url$(path "$@")" 2>&1); then echo ok; else echo "error: $answer"; fi
