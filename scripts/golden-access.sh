#!/bin/sh
# Writes test/deployment/golden-access.json anew: what the journeys asked for, recorded, and what is stated with a reason.
set -eu
# Not below dist/, which packaging empties.
recording=$(mktemp)
trap 'rm -f "$recording"' EXIT
SLUICE_RECORD_ACCESS="$recording" vitest run test/journeys
node test/deployment/write-golden-access.ts "$recording"
biome format --write test/deployment/golden-access.json
