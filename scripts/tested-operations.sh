#!/bin/sh
# Writes local/support/tested-operations.json anew: which operations the tests drive on the wire, and with what. Two to three minutes.
set -eu
recording=$(mktemp)
trap 'rm -f "$recording"' EXIT
SLUICE_RECORD_OPERATIONS="$recording" vitest run local test/real-clients --exclude 'local/support/**'
node local/support/write-tested-operations.ts "$recording"
biome format --write local/support/tested-operations.json
node scripts/generate.ts
