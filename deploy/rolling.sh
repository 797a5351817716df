#!/bin/sh
# Restarts web servers one after the other, then worker and clock: the door stays open, no request fails.
# A server that does not come up ends it, with the other one still serving the old version.
set -eu
for server in a b; do
  systemctl restart "huifang-web@$server.service" # Type=notify: returns when it is ready, fails when it is not
done
systemctl restart huifang-worker.service huifang-beat.service
