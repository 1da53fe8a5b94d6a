#!/usr/bin/env bash
# Pushes with wget: wget.sh <operation> <url> <job> [<label> <value>]...
set -euo pipefail
. "$(dirname "$0")/groupingkey.sh"

operation=$1 url=$2
shift 2
metrics=$(mktemp)
trap 'rm "$metrics"' EXIT
args=(--no-verbose --content-on-error --output-document=-)
if [ "${PUSH_USERNAME:-}" ]; then args+=(--user="$PUSH_USERNAME" --password="$PUSH_PASSWORD"); fi
# Without this the password is sent only if a first answer asks for it.
if [ -z "${PUSH_ON_DEMAND:-}" ]; then args+=(--auth-no-challenge); fi
if [ "${PUSH_CA_FILE:-}" ]; then args+=(--ca-certificate="$PUSH_CA_FILE"); fi
compress=cat
if [ "${PUSH_GZIP:-}" ]; then
	compress=gzip
	args+=(--header='Content-Encoding: gzip')
fi

request() {
	body | "$compress" >"$metrics"
	case $operation in
	push) wget "${args[@]}" --method=PUT --body-file="$metrics" "$1" ;;
	add) wget "${args[@]}" --post-file="$metrics" "$1" ;;
	delete) wget "${args[@]}" --method=DELETE "$1" ;;
	esac
}

if answer=$(request "$url$(path "$@")" 2>&1); then echo ok; else echo "error: $answer"; fi
