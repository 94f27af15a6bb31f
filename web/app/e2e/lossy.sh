#!/bin/bash
# Browsers in a meeting on a lossy network, one of their own: prints how their pictures and sound fare. PAGES (4) and LOSS ("0 1 5 15", %) choose what; arguments go
# to vitest: -t names a part.
set -euo pipefail
cd "$(dirname "$0")/.."
skip() { echo "skipped: meetings on a lossy network: $1"; exit 0; }
for tool in nft unshare ip npx; do command -v $tool >/dev/null || skip "no $tool here"; done
[ -x "${CHROMIUM:-/usr/bin/chromium-headless-shell}" ] || skip "no Chromium here"
[ "$(id -u)" = 0 ] || skip "only root makes a network"
unshare --net nft add table inet lossy 2>/dev/null || skip "this kernel does not let us make a network with nft"
LOSSY=1 exec unshare --net bash -c 'ip link set lo up && exec npx vitest run --config e2e/vitest.config.ts "$@"' lossy "$@"
