#!/bin/sh
# Installs the dependencies when there are none, or other ones than package-lock.json names.
# In a shell of its own, so that the `node` which comes next in the npm script is looked up after it: npm puts node_modules/.bin,
# where Node 24 is after installation, in front of the PATH.
set -eu
cd "$(dirname "$0")/.."

major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ]; then
  echo "Sluice needs Node 20 or later to install itself; found: $(node --version 2>/dev/null || echo none). See https://nodejs.org" >&2
  exit 1
fi

# npm writes the hidden lock file last, so it is there, and newer, only after a whole installation.
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "Installing the dependencies …"
  npm ci --no-audit --no-fund --loglevel=error
fi

major=$(PATH="$PWD/node_modules/.bin:$PATH" node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 24 ]; then
  echo "Sluice runs on Node 24, which is installed with it on Linux (x64 and arm64) only; found: $(node --version). See https://nodejs.org" >&2
  exit 1
fi
