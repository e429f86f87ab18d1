#!/bin/sh
# Every check, each run even when one before it failed, so that one run tells everything. Arguments go to vitest.
set -u
cd "$(dirname "$0")/.."
failed=0

step() {
  echo "== $1"
  shift
  "$@" || failed=1
}

step 'types' tsc --noEmit
step 'lint' biome check --error-on-warnings .
if [ -n "${SLUICE_TEST_REPORT:-}" ]; then
  step 'tests' vitest run --reporter=default --reporter=json --outputFile.json="$SLUICE_TEST_REPORT" "$@"
else
  step 'tests' vitest run "$@"
fi
exit $failed
