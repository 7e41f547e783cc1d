#!/usr/bin/env bash
# Deploys a stage: ./deploy.sh [-s STAGE] [-r REGION] [--dry-run] [--yes] chalice|serverless|terraform|package|destroy
# The work is in infra/deploy.py; this makes the virtual environment it runs in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
make --silent .venv/ready
exec .venv/bin/python infra/deploy.py "$@"
